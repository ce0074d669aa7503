//! The HTTP header `Last-Modified`: a time of change, where it is not just the time of the answer.

use model::document::Evidence;
use model::time::{DAY_SECONDS, PartialDate};

use super::{Context, written};

/// Servers that make pages on request send the current time; a header of the same day says
/// nothing.
pub(super) fn modified(context: &Context<'_>) -> Option<(PartialDate, Evidence)> {
    let date = written::stamp(context.last_modified?, context.month_first)?;
    let old = date.start().0 < context.captured.0.saturating_sub(DAY_SECONDS);
    old.then_some((date, Evidence::Header))
}
