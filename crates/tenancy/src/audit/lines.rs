//! The lines of an export on their way into its check: read in blocks, each taken apart by a thread of its own, checked in
//! their order, with a few blocks in memory at a time.

use std::{
    io::{self, BufRead, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use super::{Break, ExportCheck, ExportLine, read_line};

/// Longest line that an export has.
const LINE: u64 = 1 << 20;
/// Bytes of lines that are taken apart together.
const BLOCK: usize = 256 << 10;
/// Threads that take lines apart at most; the chain itself is followed by the caller's.
const READERS: usize = 4;
/// Blocks of a thread on their way.
const AHEAD: usize = 2;

type Lines = Vec<Option<ExportLine>>;

/// Checks all lines of a reader; what is found is told on the way, so that a long list need not lie in memory.
///
/// # Errors
/// When the reader fails.
pub fn check_lines(
    reader: impl BufRead,
    check: &mut ExportCheck<'_>,
    mut tell: impl FnMut(Vec<Break>),
) -> io::Result<()> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(READERS);
    thread::scope(|scope| {
        let (to, from): (Vec<SyncSender<Vec<u8>>>, Vec<Receiver<Lines>>) = (0..threads)
            .map(|_| {
                let (to, blocks) = sync_channel::<Vec<u8>>(AHEAD);
                let (done, from) = sync_channel(AHEAD);
                scope.spawn(move || {
                    blocks.iter().map(|block| apart(&block)).try_for_each(|lines| done.send(lines))
                });
                (to, from)
            })
            .unzip();
        let mut take = |number: usize| {
            for line in from.get(number % threads).and_then(|from| from.recv().ok()).into_iter().flatten() {
                check.read(line);
                let found = check.take_breaks();
                if !found.is_empty() {
                    tell(found);
                }
            }
        };
        let (mut reader, mut sent) = (reader, 0);
        let failed = loop {
            let block = match block(&mut reader) {
                Ok(block) if block.is_empty() => break Ok(()),
                Ok(block) => block,
                Err(error) => break Err(error),
            };
            if sent >= threads * AHEAD {
                take(sent - threads * AHEAD);
            }
            // A thread takes whatever it is sent until the sender goes.
            let _ = to.get(sent % threads).map(|to| to.send(block));
            sent += 1;
        };
        (sent.saturating_sub(threads * AHEAD)..sent).for_each(&mut take);
        failed
    })
}

/// The next lines, whole but for those that are longer than any line; empty at the end.
fn block(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut block = Vec::with_capacity(BLOCK + (BLOCK >> 3));
    while block.len() < BLOCK {
        if reader.by_ref().take(LINE).read_until(b'\n', &mut block)? == 0 {
            break;
        }
        // A piece of a line that is longer than any is a line by itself, and so is the rest.
        if block.last() != Some(&b'\n') {
            break;
        }
    }
    Ok(block)
}

/// Takes a block's lines apart; `None` for each that is no line of an export or does not end.
fn apart(block: &[u8]) -> Lines {
    block
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").and_then(|line| str::from_utf8(line).ok()).and_then(read_line))
        .collect()
}
