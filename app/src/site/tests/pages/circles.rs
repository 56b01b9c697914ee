//! Named groups of people of whoever looks.

pub const PAGES: [(&str, &str, &[&str]); 7] = [
    ("/circles", "Circles", &["Players", "2 people", "nobody yet", "/fn/circles/create"]),
    (
        "/circles/#60",
        "Players",
        &[
            "Sven",
            "Take out",
            "/fn/circles/add",
            "Minecraft",
            "/fn/circles/approve",
            "/fn/circles/ask-me",
            "for at most 30 days",
            "/fn/circles/rename",
            "60/end",
            "/offers/new?circle=00000000000000000000000000000060",
        ],
    ),
    (
        "/circles/#61",
        "Players",
        &["Nobody yet", "You have met nobody else here yet", "Nothing yet: you are asked each time."],
    ),
    ("/offers/new?circle=#60", "Offer a service", &["value=\"circle\" checked", "Which circle"]),
    (
        "/circles/#60/leave/#20",
        "Take Sven out of Players?",
        &[
            "/fn/circles/leave",
            "No longer shown",
            "Offers that are withdrawn",
            "Shares that end",
            "name=\"end[]\"",
            "And one more share.",
            "3 more open shares",
            "what ends here stays ended",
        ],
    ),
    (
        "/circles/#60/end",
        "End the circle Players?",
        &["/fn/circles/end", "End these open shares too", "It does not come back"],
    ),
    ("/circles/#61/end", "End the circle Players?", &["Nothing ends by itself"]),
];
