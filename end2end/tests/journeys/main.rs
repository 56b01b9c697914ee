//! Journeys in a real browser, with and without script.

mod sign_in;
