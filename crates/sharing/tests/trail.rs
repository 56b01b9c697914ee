//! What the friend of a share reads of entries that versions before wrote, which have no code.

use sharing::trail::for_friend_without_code;

/// As those versions wrote it, and what its friend reads of it.
const WRITTEN: [(&str, &str); 20] = [
    ("said yes to exactly the service", "said yes"),
    ("said yes to narrowing the policy and to exactly the service", "said yes"),
    ("said yes to the service, and leaves what the friend reaches anyway as it is", "said yes"),
    ("said yes to the whole node", "said yes"),
    ("is open: rule and invite were seen in force", "is open"),
    ("is open: the rule was seen in force", "is open"),
    ("is open: its machine told that it lets the friend in", "is open"),
    ("pauses the share: the rule is taken out, the account stays", "pauses the share"),
    ("pauses the share: the rule is taken out, the invite stays", "pauses the share"),
    ("is paused: its rule was seen to be out of the policy", "is paused"),
    (
        "is paused: its rule is out of the file, and whether the server has loaded that is not proven",
        "is paused",
    ),
    ("has ended: nothing of it is in force any more", "has ended"),
    ("has ended before it was applied", "has ended"),
    ("is over for certain: maple told that it lets nothing of it in", "has ended"),
    ("needs another review: SAID BY A SERVER", "needs to be looked at once more"),
    ("stopped: SAID BY A SERVER", "stopped half-way"),
    ("is no longer in force as agreed: SAID BY A SERVER", "is no longer in force as agreed"),
    ("wrote the rule into the policy", "went on with it"),
    ("took the rule out of the policy", "went on with it"),
    ("made a device invite", "went on with it"),
];

/// What they read as it was written.
const AS_IT_IS: [&str; 13] = [
    "set another end: until 1970-01-01 00:00 UTC",
    "asks for another end: until ended",
    "was found as agreed again: it goes on",
    "opens the share again, as it was agreed",
    "asked to try again",
    "called it ended without proof",
    "leaves the end as it was agreed",
    "has an account now",
    "the agreed time is over: the share ends",
    "ended the share",
    "gave the share back",
    "the invite was not opened within its 30 days: the share ends",
    "one of the two may no longer come in here: the share ends",
];

/// Sabotage: the line of "is over for certain" taken out of the function.
#[test]
fn an_entry_without_a_code_says_what_it_did_for_the_friend() {
    for (written, read) in WRITTEN {
        assert_eq!(for_friend_without_code(written), read, "{written}");
    }
    for written in AS_IT_IS {
        assert_eq!(for_friend_without_code(written), written);
    }
    assert_eq!(for_friend_without_code("SAID BY A SERVER"), "went on with it");
}
