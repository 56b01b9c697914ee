//! What the answer to a POST says about what was posted.

use calls::retry_after;
use reqwest::{RequestBuilder, StatusCode};

use super::Failure;
use crate::words::telling as words;

/// Posts it. What is answered besides the status, and how long to wait, is not read: it is somebody else's, and may be without
/// end.
pub(super) async fn post(request: RequestBuilder) -> Result<(), Failure> {
    match request.send().await {
        Ok(answer) => {
            judge(answer.status()).map_err(|failure| match (failure, retry_after(answer.headers())) {
                (Failure::Later(why), Some(wait)) => Failure::NotBefore(why, wait),
                (failure, _) => failure,
            })
        }
        Err(error) if error.is_timeout() => Err(Failure::Later(words::NO_ANSWER.into())),
        Err(error) if error.is_connect() => Err(Failure::Later(words::NO_CONNECTION.into())),
        Err(error) if error.is_builder() => Err(Failure::ForGood(words::NO_ADDRESS.into())),
        Err(_) => Err(Failure::Later(words::BROKEN_OFF.into())),
    }
}

/// What asks to wait, or says that the fault is its own, is asked again.
fn judge(status: StatusCode) -> Result<(), Failure> {
    let asks_to_wait = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    if status.is_success() {
        Ok(())
    } else if status.is_server_error() || asks_to_wait.contains(&status) {
        Err(Failure::Later(words::answered(status.as_u16())))
    } else if status.is_redirection() {
        Err(Failure::ForGood(words::REDIRECTED.into()))
    } else {
        Err(Failure::ForGood(words::answered(status.as_u16())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_is_for_good_unless_it_asks_to_wait() {
        let of = |status: u16| judge(StatusCode::from_u16(status).unwrap());
        for fine in [200, 202, 204] {
            assert_eq!(of(fine), Ok(()));
        }
        for later in [408, 425, 429, 500, 502, 503, 504] {
            assert!(matches!(of(later), Err(Failure::Later(_))), "{later}");
        }
        for never in [301, 302, 307, 400, 401, 403, 404, 410, 413, 422] {
            assert!(matches!(of(never), Err(Failure::ForGood(_))), "{never}");
        }
    }
}
