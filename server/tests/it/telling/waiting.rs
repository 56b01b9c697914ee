//! Whoever is told asks to wait: nothing goes there before, and nothing is lost.

use model::Channel;

use super::Stage;
use crate::harness::receiver::{Answers, Receiver, id};

impl Stage {
    /// Something else that the owner is to be told by their webhook.
    async fn news(&self) {
        let sql = "INSERT INTO deliveries (id, channel, person_id, tailnet_id, kind, heard_as, notice, object_id, part, data, due, tries)
             SELECT $1, channel, person_id, tailnet_id, kind, heard_as, notice, object_id, part, data, $2, 0
             FROM deliveries WHERE channel = 'webhook' AND person_id = $3 ORDER BY due LIMIT 1";
        let (state, id) = (&self.app.state, self.app.state.new_id::<()>().uuid());
        let made = state.db.query(sql, (id, state.now(), self.world.owner)).execute().await.unwrap();
        assert_eq!(made, 1);
    }

    const fn end_of(&mut self, channel: Channel) -> &mut Receiver {
        match channel {
            Channel::Ntfy => &mut self.ntfy,
            Channel::Webhook | Channel::Mail => &mut self.hook,
        }
    }
}

/// Sabotage: `retry_after` not asked in `post/http.rs`; `waits` left out of `telling::run`; `others` left out of
/// `settle_delivery`; `min(LONGEST_WAIT)` left out of `after`.
#[tokio::test]
async fn what_asks_to_wait_is_told_when_it_said_or_after_an_hour_and_nothing_else_goes_there_before() {
    let cases = [
        (Channel::Ntfy, Answers::Waits(429, "600"), 600),
        (Channel::Webhook, Answers::Waits(503, "600"), 600),
        (Channel::Ntfy, Answers::Waits(503, "86400"), 3_600),
        (Channel::Webhook, Answers::Waits(429, "86400"), 3_600),
        // Sooner than it would be tried again anyway.
        (Channel::Webhook, Answers::Waits(429, "1"), 10),
    ];
    for (channel, answer, wait) in cases {
        for mut stage in Stage::each().await {
            let owner = stage.world.owner;
            stage.sets_up(owner).await;
            let ways = vec!["ntfy".into(), "webhook".into()];
            let chosen = stage.app.ask(owner).notifications;
            chosen.choose(vec![format!("giver.accepted.{channel}")], ways).await.unwrap();
            for person in [stage.world.listed, stage.world.other] {
                stage.accepts(person).await;
            }
            stage.end_of(channel).answers([answer.clone()]);
            stage.told(owner).await;
            let first = id(&stage.end_of(channel).received().await);
            stage.told(owner).await;
            assert!(stage.end_of(channel).more().is_none(), "{answer:?}: the other one waits too");
            stage.app.clock.advance_seconds(wait - 1);
            stage.told(owner).await;
            assert!(stage.end_of(channel).more().is_none(), "{answer:?}: before its time");
            assert_eq!(stage.count("settled IS NULL").await, 2, "{answer:?}");
            assert_eq!(stage.count("tries = 0").await, 1, "{answer:?}: of the other one no try was made");

            stage.app.clock.advance_seconds(1);
            stage.told(owner).await;
            let mut told = Vec::new();
            for _ in 0..2 {
                told.push(id(&stage.end_of(channel).received().await));
            }
            assert!(told[0] != told[1] && told.contains(&first), "{answer:?}: {first} {told:?}");
            assert_eq!(stage.count("settled IS NULL").await, 0, "{answer:?}");
            stage.notices_are_right("a wait").await;
        }
    }
}

/// Sabotage: `due` left out of `others` in `settle_delivery`.
#[tokio::test]
async fn who_asks_to_wait_for_ever_is_given_up_also_where_there_is_news_all_the_time() {
    for stage in Stage::each().await {
        let owner = stage.world.owner;
        stage.sets_up(owner).await;
        let chosen = stage.app.ask(owner).notifications;
        let ways = vec!["ntfy".into(), "webhook".into()];
        chosen.choose(vec!["giver.accepted.webhook".into()], ways).await.unwrap();
        stage.accepts(stage.world.listed).await;
        // A day and a half, with something new every half an hour.
        for _ in 0..72 {
            stage.hook.answers([Answers::Waits(503, "3600"), Answers::Waits(503, "3600")]);
            stage.told(owner).await;
            stage.app.clock.advance_seconds(1_800);
            stage.news().await;
        }
        assert!(stage.count("why IS NOT NULL").await > 0, "nothing was given up");
        assert!(!stage.untold(owner).await.is_empty(), "and that is told where they look");
        stage.notices_are_right("a day and a half").await;
    }
}
