//! Streamable HTTP on hyper and stdio: bytes to messages and back.
