//! What somebody asks of whoever lists a service: an offer, until some wished end.

use crate::words::words;

words! {
    /// Until when something is wished, as the form says it. A span begins with the answer, not when it was asked for.
    Wished, "end":
    /// Eight hours.
    Evening = "evening",
    /// Three days.
    Weekend = "weekend",
    /// Thirty days.
    Month = "month",
    /// Until one of the two ends it.
    Ended = "ended",
    /// A day and hour, which stands beside it.
    Date = "date",
}

words! {
    /// What became of an ask.
    AskAnswer, "answer to an ask":
    /// It was offered to them, or they have it.
    Offered = "offered",
    /// No.
    Declined = "declined",
    /// Whoever asked took it back, or may no longer come in.
    Withdrawn = "withdrawn",
}
