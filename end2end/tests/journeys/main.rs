//! Journeys through the demo in a real browser, with and without script.

mod first_look;
