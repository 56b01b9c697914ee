//! Named groups of people of whoever looks.

pub const PAGES: [(&str, &str, &[&str]); 6] = [
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
        ],
    ),
    ("/circles/#61", "Players", &["Nobody yet", "You have met nobody else here yet"]),
    (
        "/circles/#60/leave/#20",
        "Take Sven out of Players?",
        &[
            "/fn/circles/leave",
            "No longer shown",
            "Offers that are withdrawn",
            "Shares that end",
            "name=\"end[]\"",
            "3 more open shares",
        ],
    ),
    ("/circles/#60/end", "End the circle Players?", &["/fn/circles/end", "End these open shares too"]),
    ("/circles/#61/end", "End the circle Players?", &["Nothing ends by itself"]),
];
