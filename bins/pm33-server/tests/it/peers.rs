//! What a process is connected to.

use std::collections::BTreeSet;

/// Addresses that a process is connected to, as the kernel says.
pub(crate) fn peers(process: u32) -> Vec<String> {
    let sockets: BTreeSet<String> = std::fs::read_dir(format!("/proc/{process}/fd"))
        .expect("descriptors")
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = std::fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            if let (Some(local), Some(remote), Some(inode)) = (fields.get(1), fields.get(2), fields.get(9))
                && sockets.contains(*inode)
            {
                found.push(format!("{table} {local} {remote}"));
            }
        }
    }
    found
}
