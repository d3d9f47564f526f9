//! What time is it? The only clock of this crate; everything else takes the answer as an argument.

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
