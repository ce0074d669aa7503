//! The one place where the clock is read.

use model::time::UnixSeconds;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "the clock enters the program here, as a value"
)]
pub(crate) fn now() -> UnixSeconds {
    UnixSeconds(jiff::Timestamp::now().as_second())
}
