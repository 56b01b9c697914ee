//! One client with thousands of requests that never become whole.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn three_thousand_half_requests_of_one_client_leave_room_for_everybody_else() {
    if files::raise_limit() < 3_500 {
        eprintln!("skipping a crowd of 3,000 connections: this process may not open so many files");
        return;
    }
    let instance = Instance::sqlite();
    let limited = ["sh", "-c", "ulimit -n 1024; exec \"$@\"", "sh"];
    let demo =
        Serving::start(instance.command_through(&limited, &["demo", "--listen", "127.0.0.1:0"])).unwrap();
    let address: SocketAddr = demo.address.parse().unwrap();
    let friend = Friend::sign_in(address).await;
    let share = friend.share().await;

    let mut crowd = Vec::new();
    for _ in 0..3_000 {
        let mut one = TcpStream::connect(address).await.unwrap();
        // Whoever was let go already cannot say it.
        let _ = one.write_all(b"POST / HTTP/1.1\r\nhost: a\r\n").await;
        crowd.push(one);
    }
    for path in ["/healthz", "/sign-in"] {
        let answer = timeout(SOON, Friend::client().get(friend.url(path)).send()).await;
        assert!(answer.expect("an answer in time").unwrap().status().is_success(), "{path}");
    }
    let mut streams = Vec::new();
    for _ in 0..10 {
        let asked =
            Friend::client().get(friend.url(&format!("{share}/events"))).header("cookie", &friend.cookie);
        let stream = timeout(PATIENCE, asked.send()).await.expect("an answer").unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        streams.push(stream);
    }
    let answer =
        Friend::client().get(friend.url(&share)).header("cookie", &friend.cookie).send().await.unwrap();
    assert!(answer.status().is_success(), "beside ten streams");
}

/// Somebody at another address who is signed in.
struct Friend {
    at: SocketAddr,
    cookie: String,
}

impl Friend {
    async fn sign_in(at: SocketAddr) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut friend = Self { at, cookie: String::new() };
        let page = friend.read("/sign-in").await;
        let person = page.split_once("name=\"person\" value=\"").unwrap().1.split_once('"').unwrap().0;
        let asked =
            Friend::client().post(friend.url("/sign-in/demo")).header("sec-fetch-site", "same-origin");
        let answer = asked.form(&[("person", person)]).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut friend.cookie);
        friend
    }

    /// The path of a share that they see.
    async fn share(&self) -> String {
        let page = self.read("/shares").await;
        let id = page.split("href=\"/shares/").nth(1).expect("a share").split(['"', '/']).next().unwrap();
        format!("/shares/{id}")
    }

    async fn read(&self, path: &str) -> String {
        let asked = Self::client().get(self.url(path)).header("cookie", &self.cookie);
        asked.send().await.unwrap().text().await.unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// A connection of its own each time.
    fn client() -> reqwest::Client {
        let from = std::net::IpAddr::from([127, 0, 0, 2]);
        let policy = reqwest::redirect::Policy::none();
        reqwest::Client::builder()
            .local_address(from)
            .redirect(policy)
            .timeout(Duration::from_mins(1))
            .build()
            .unwrap()
    }
}
