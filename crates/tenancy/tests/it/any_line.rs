//! What holds for the reader of exported audit lines on any bytes. A property test and the fuzz target share it.

use pm33_tenancy::{
    ActorKind, AuditEvent, AuditKeys, ChainHead, ChainedRow, Digest, ExportCheck, ExportLine, ExportStart,
    TenantId, Timestamp, prepare, read_line, write_line,
};
use secrecy::SecretBox;

/// Checks what holds for any bytes: a line that is read is the very text that is written again, and a check of a log of
/// such lines ends.
pub(crate) fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut check = ExportCheck::new(None, Vec::new(), 0);
    for line in text.split('\n') {
        if let Some(read) = read_line(line) {
            assert_eq!(write_line(&read), line);
        }
        check.line(Some(line));
    }
    let _ = check.end();
}

/// A log of one row, its lines together and apart.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(1));
    let at = Timestamp::from_micros(1_800_000_000_000_000);
    let keys = AuditKeys::new(&SecretBox::new(Box::new([1; 32])));
    let (row, side) = prepare(AuditEvent::done(tenant, ActorKind::System, "sweep", at), &keys, [3; 16]);
    let empty = ChainHead::empty(tenant);
    let head = empty.next(&row);
    let chained =
        ChainedRow { seq: head.seq, previous: empty.hash, hash: head.hash, row, personal: Some(side) };
    let lines = [
        ExportLine::Start(ExportStart { tenant, after: 0, hash: Digest::default(), at }),
        ExportLine::Row(Box::new(chained)),
        ExportLine::Unreadable { seq: 2 },
        ExportLine::Head(head, keys.sign(&head)),
    ]
    .map(|line| write_line(&line));
    std::iter::once(lines.join("\n")).chain(lines).map(String::into_bytes).collect()
}
