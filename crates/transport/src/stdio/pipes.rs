//! Standard input and output as the client's own pipes: waited for like sockets, without a thread that carries every
//! read and write to and fro.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::FileTypeExt,
    },
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{UnixStream, unix::pipe},
};

/// The process's standard input. Must be called inside the runtime.
///
/// # Errors
/// When it is closed or cannot be watched.
pub fn standard_input() -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
    Ok(match Stream::of(io::stdin())? {
        Stream::Pipe(file) => Box::new(pipe::Receiver::from_file(file)?),
        Stream::Socket(socket) => Box::new(socket),
        Stream::Other => Box::new(tokio::io::stdin()),
    })
}

/// The process's standard output. Must be called inside the runtime.
///
/// # Errors
/// When it is closed or cannot be watched.
pub fn standard_output() -> io::Result<Box<dyn AsyncWrite + Send + Unpin>> {
    Ok(match Stream::of(io::stdout())? {
        Stream::Pipe(file) => Box::new(pipe::Sender::from_file(file)?),
        Stream::Socket(socket) => Box::new(socket),
        Stream::Other => Box::new(tokio::io::stdout()),
    })
}

/// What a client connected us by.
enum Stream {
    Pipe(File),
    /// Some clients' runtimes use a pair of sockets for each stream.
    Socket(UnixStream),
    /// A terminal or a file: not to be made non-blocking under others who hold it.
    Other,
}

impl Stream {
    fn of(descriptor: impl AsFd) -> io::Result<Self> {
        let file = File::from(descriptor.as_fd().try_clone_to_owned()?);
        let kind = file.metadata()?.file_type();
        if kind.is_fifo() {
            return Ok(Self::Pipe(file));
        }
        if kind.is_socket() {
            let socket = std::os::unix::net::UnixStream::from(OwnedFd::from(file));
            socket.set_nonblocking(true)?;
            return Ok(Self::Socket(UnixStream::from_std(socket)?));
        }
        Ok(Self::Other)
    }
}
