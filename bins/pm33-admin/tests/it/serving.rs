//! A server in this process on a data folder, and the least client of it.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::mpsc::channel,
    thread::JoinHandle,
};

use pm33_app::{Settings, bind_http, found};
use tokio_util::sync::CancellationToken;

/// A running server; stopped with the value.
pub(crate) struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it.
    pub(crate) fn start(data: &Path) -> Self {
        let stop = CancellationToken::new();
        let (to_us, bound_to) = channel();
        let (ended, data) = (stop.clone(), data.to_owned());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let mut settings = Settings::default();
                settings.data.dir = data;
                "127.0.0.1:0".clone_into(&mut settings.server.listen);
                settings.limits.calls_per_minute_key = 100_000;
                settings.limits.calls_per_minute_tenant = 100_000;
                let foundation = found(&settings).await.expect("the store opens");
                let bound = bind_http(&settings, &foundation).await.expect("it binds");
                to_us.send(bound.address).expect("the test waits");
                bound.run(&foundation, ended).await.expect("it ends in order");
            });
        });
        Self { address: bound_to.recv().expect("it listens"), stop, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "it ended in order");
    }
}

/// The status of a small call with a key.
pub(crate) fn status(address: SocketAddr, key: &str) -> u16 {
    let body = concat!(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"#,
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#
    );
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut socket = TcpStream::connect(address).expect("a connection");
    socket.write_all(head.as_bytes()).expect("it is read");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}
