//! A connection's signs of life, and the slow clock that judges them. One coarse timer for each connection stands for
//! the header, idle and write-stall limits, so that a request costs no timer at all.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::HttpOptions;

/// What a connection's parts tell of it.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// Request heads seen.
    requests: AtomicU64,
    /// Requests being answered, event streams included.
    active: AtomicU64,
    /// Bytes came since the last head.
    reading: AtomicBool,
    /// A write waits for the client.
    blocked: AtomicBool,
    /// Writes that got through.
    writes: AtomicU64,
    /// Bytes after a request are the begin of the next one, as in HTTP/1; in HTTP/2 they may be anything.
    in_line: AtomicBool,
    /// A request was refused before its body was read: the client may still be sending.
    unread: AtomicBool,
    /// Our side is closed, and the rest of what the client sends is read and thrown away.
    lingering: AtomicBool,
    /// Ticks of the judge.
    ticks: AtomicU32,
}

impl Pulse {
    pub(crate) fn read(&self) {
        self.reading.store(true, Relaxed);
    }

    pub(crate) fn wrote(&self) {
        self.blocked.store(false, Relaxed);
        self.writes.fetch_add(1, Relaxed);
    }

    pub(crate) fn blocked(&self) {
        self.blocked.store(true, Relaxed);
    }

    pub(crate) fn speaks(&self, protocol: Protocol) {
        self.in_line.store(protocol == Protocol::Http1, Relaxed);
    }

    pub(crate) fn refused_unread(&self) {
        self.unread.store(true, Relaxed);
    }

    /// Whether the client may have sent what nobody read: a refused body, or a header that was no header.
    pub(crate) fn is_unread(&self) -> bool {
        self.in_line.load(Relaxed) && (self.unread.load(Relaxed) || self.reading.load(Relaxed))
    }

    pub(crate) fn lingers(&self) {
        self.lingering.store(true, Relaxed);
    }

    /// A request begins.
    pub(crate) fn begin(&self) {
        self.reading.store(false, Relaxed);
        self.unread.store(false, Relaxed);
        self.requests.fetch_add(1, Relaxed);
        self.active.fetch_add(1, Relaxed);
    }

    /// Something of a request is over.
    pub(crate) fn end(&self) {
        // What was read since its head was its body.
        self.reading.store(false, Relaxed);
        self.active.fetch_sub(1, Relaxed);
    }

    /// Which of the judge's ticks was the last.
    pub(crate) fn ticks(&self) -> u32 {
        self.ticks.load(Relaxed)
    }

    /// Something of a request goes on after its head was answered.
    pub(crate) fn hold(&self) {
        self.active.fetch_add(1, Relaxed);
    }
}

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Keep,
    /// Say goodbye and close: it is only idle.
    Close,
    /// Drop it: the client is too slow.
    Drop,
}

/// Which protocol a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: bytes between requests are flow control and pings, not the begin of a header.
    Http2,
}

/// Judges a connection at every tick.
#[derive(Debug)]
pub(crate) struct Judge {
    protocol: Protocol,
    /// Ticks that stand for each limit.
    header: u32,
    idle: u32,
    stall: u32,
    /// What was seen at the last tick.
    requests: u64,
    reading: bool,
    writes: u64,
    /// Ticks for which it lasted.
    waiting: u32,
    stalled: u32,
    /// Ticks since goodbye.
    closing: Option<u32>,
    /// It lingered at the last tick.
    lingering: bool,
}

/// Time between two ticks: an eighth of the shortest limit.
pub(crate) fn tick(options: &HttpOptions) -> Duration {
    let shortest = options.header_time.min(options.idle).min(options.write_stall);
    (shortest / 8).max(Duration::from_millis(5))
}

/// Ticks after which a limit has passed at the latest; one too few rather than one too many.
pub(crate) fn ticks(limit: Duration, tick: Duration) -> u32 {
    u32::try_from(limit.as_nanos() / tick.as_nanos().max(1)).unwrap_or(u32::MAX).max(2) - 1
}

impl Judge {
    pub(crate) fn new(protocol: Protocol, options: &HttpOptions) -> Self {
        let tick = tick(options);
        Self {
            protocol,
            header: ticks(options.header_time, tick),
            idle: ticks(options.idle, tick),
            stall: ticks(options.write_stall, tick),
            requests: 0,
            reading: false,
            writes: 0,
            waiting: 0,
            stalled: 0,
            closing: None,
            lingering: false,
        }
    }

    /// Notes that goodbye was said.
    pub(crate) fn closing(&mut self) {
        self.closing = Some(0);
    }

    /// What to do now that another tick has passed.
    pub(crate) fn tick(&mut self, pulse: &Pulse) -> Verdict {
        pulse.ticks.fetch_add(1, Relaxed);
        // A whole tick is time for the last answer to arrive.
        if std::mem::replace(&mut self.lingering, pulse.lingering.load(Relaxed)) {
            return Verdict::Drop;
        }
        let writes = pulse.writes.load(Relaxed);
        if pulse.blocked.load(Relaxed) && writes == self.writes {
            self.stalled += 1;
            if self.stalled >= self.stall {
                return Verdict::Drop;
            }
        } else {
            self.stalled = 0;
            self.writes = writes;
        }
        // Goodbye was said: what runs may end, and then a client that does not close is not waited for any longer.
        if let Some(since) = &mut self.closing {
            *since += u32::from(pulse.active.load(Relaxed) == 0);
            return if *since >= self.header { Verdict::Drop } else { Verdict::Keep };
        }
        let requests = pulse.requests.load(Relaxed);
        let reading = pulse.reading.load(Relaxed) && self.protocol == Protocol::Http1;
        if pulse.active.load(Relaxed) > 0 || requests != self.requests || reading != self.reading {
            (self.requests, self.reading, self.waiting) = (requests, reading, 0);
            return Verdict::Keep;
        }
        self.waiting += 1;
        if requests == 0 || reading {
            if self.waiting >= self.header { Verdict::Drop } else { Verdict::Keep }
        } else if self.waiting >= self.idle {
            self.closing = Some(0);
            Verdict::Close
        } else {
            Verdict::Keep
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Judge, Protocol, Pulse, Verdict};

    fn judge(protocol: Protocol) -> Judge {
        Judge {
            protocol,
            header: 3,
            idle: 6,
            stall: 4,
            requests: 0,
            reading: false,
            writes: 0,
            waiting: 0,
            stalled: 0,
            closing: None,
            lingering: false,
        }
    }

    fn run(judge: &mut Judge, pulse: &Pulse, ticks: usize) -> Vec<Verdict> {
        (0..ticks).map(|_| judge.tick(pulse)).collect()
    }

    #[test]
    fn a_silent_newcomer_is_dropped_after_the_header_time() {
        use Verdict::{Drop, Keep};
        for protocol in [Protocol::Http1, Protocol::Http2] {
            assert_eq!(run(&mut judge(protocol), &Pulse::default(), 3), [Keep, Keep, Drop]);
        }
    }

    #[test]
    fn bytes_without_a_whole_header_do_not_help() {
        let (mut judge, pulse) = (judge(Protocol::Http1), Pulse::default());
        pulse.begin();
        pulse.end();
        assert_eq!(judge.tick(&pulse), Verdict::Keep);
        let mut verdicts = Vec::new();
        for _ in 0..4 {
            pulse.read();
            verdicts.push(judge.tick(&pulse));
        }
        assert_eq!(verdicts, [Verdict::Keep, Verdict::Keep, Verdict::Keep, Verdict::Drop]);
    }

    #[test]
    fn a_client_that_sends_on_after_its_refusal_has_a_whole_tick_to_read_it() {
        let (mut judge, pulse) = (judge(Protocol::Http1), Pulse::default());
        pulse.begin();
        assert_eq!(judge.tick(&pulse), Verdict::Keep);
        pulse.lingers();
        pulse.read();
        assert_eq!(run(&mut judge, &pulse, 2), [Verdict::Keep, Verdict::Drop]);
    }

    #[test]
    fn an_idle_connection_is_closed_and_a_working_one_is_kept() {
        let (mut judge, pulse) = (judge(Protocol::Http2), Pulse::default());
        pulse.begin();
        assert_eq!(run(&mut judge, &pulse, 20), [Verdict::Keep; 20]);
        pulse.end();
        let verdicts = run(&mut judge, &pulse, 9);
        assert_eq!(verdicts[5], Verdict::Close);
        assert_eq!(verdicts[8], Verdict::Drop, "{verdicts:?}");
    }

    #[test]
    fn a_client_that_takes_nothing_is_dropped_and_a_slow_one_is_not() {
        let (mut judge, pulse) = (judge(Protocol::Http1), Pulse::default());
        pulse.begin();
        for _ in 0..10 {
            pulse.wrote();
            pulse.blocked();
            assert_eq!(judge.tick(&pulse), Verdict::Keep);
        }
        assert_eq!(run(&mut judge, &pulse, 4), [Verdict::Keep, Verdict::Keep, Verdict::Keep, Verdict::Drop]);
    }

    #[test]
    fn a_limit_is_never_stretched_by_its_ticks() {
        let tick = Duration::from_millis(1250);
        for (limit, ticks) in [(10, 7), (75, 59), (1, 1)] {
            assert_eq!(super::ticks(Duration::from_secs(limit), tick), ticks);
        }
    }
}
