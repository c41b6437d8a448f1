//! Which pages and which names a request may come by: `Origin` and `Host`, against DNS rebinding and foreign pages.

use std::net::IpAddr;

use http::{StatusCode, Uri};

use super::{head::Head, refusal::Refusal};
use crate::{HttpOptions, plain::is_loopback};

/// Checks `Host` (or the authority of the request line) and `Origin`.
pub(crate) fn check(head: &Head, uri: &Uri, options: &HttpOptions, bound: IpAddr) -> Result<(), Refusal> {
    if head.host.doubled {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "the Host header came twice"));
    }
    let host = match &head.host.value {
        Some(value) => Some(value.to_str().map_err(|_| foreign_host())?),
        None => None,
    };
    let authority = uri.authority().map(http::uri::Authority::as_str);
    if host.is_none() && authority.is_none() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "the Host header is missing"));
    }
    for name in [authority, host].into_iter().flatten() {
        if !host_allowed(name, options, bound) {
            return Err(foreign_host());
        }
    }
    let Some(origin) = &head.origin.value else { return Ok(()) };
    let allowed =
        !head.origin.doubled && origin.to_str().is_ok_and(|origin| origin_allowed(origin, options, bound));
    if allowed { Ok(()) } else { Err(foreign_origin()) }
}

fn foreign_host() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "this server does not go by the name in the Host header; the operator can list it in allowed_hosts",
    )
    .suspicious("host")
}

fn foreign_origin() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "pages of this Origin may not use this server; the operator can list it in allowed_origins",
    )
    .suspicious("origin")
}

fn host_allowed(name: &str, options: &HttpOptions, bound: IpAddr) -> bool {
    let bare = without_port(name);
    if options.allowed_hosts.is_empty() {
        return !is_loopback(bound) || is_loopback_name(bare);
    }
    options
        .allowed_hosts
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(name) || allowed.eq_ignore_ascii_case(bare))
}

fn origin_allowed(origin: &str, options: &HttpOptions, bound: IpAddr) -> bool {
    if options.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let local = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    is_loopback(bound) && local.is_some_and(|name| is_loopback_name(without_port(name)))
}

/// `name[:port]` without its port; brackets of an IPv6 address stay.
fn without_port(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((bare, port))
            if (bare.ends_with(']') || !bare.contains(':'))
                && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            bare
        }
        _ => name,
    }
}

fn is_loopback_name(bare: &str) -> bool {
    let literal = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(bare);
    bare.eq_ignore_ascii_case("localhost") || literal.parse::<IpAddr>().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::{is_loopback_name, without_port};

    #[test]
    fn names_are_told_from_ports() {
        for (name, bare) in [
            ("localhost", "localhost"),
            ("localhost:80", "localhost"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("::1", "::1"),
            ("evil.example:80@localhost", "evil.example:80@localhost"),
        ] {
            assert_eq!(without_port(name), bare);
        }
    }

    #[test]
    fn only_this_machine_has_loopback_names() {
        for (name, local) in [
            ("LOCALHOST", true),
            ("127.0.0.1", true),
            ("127.8.8.8", true),
            ("[::1]", true),
            ("localhost.evil.example", false),
            ("evil.example", false),
            ("0.0.0.0", false),
            ("", false),
            ("null", false),
        ] {
            assert_eq!(is_loopback_name(name), local, "{name}");
        }
    }
}
