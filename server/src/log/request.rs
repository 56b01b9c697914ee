//! The name of the request for which something is done, so that whoever tells of it says the one that its lines have.

use std::future::Future;

tokio::task_local! {
    static NAME: String;
}

/// Does `work` for the request of this name.
pub async fn named<T>(name: String, work: impl Future<Output = T>) -> T {
    NAME.scope(name, work).await
}

/// Does `work` in another task for whoever it is done for here.
pub async fn as_here<T>(here: Option<String>, work: impl Future<Output = T>) -> T {
    match here {
        Some(name) => named(name, work).await,
        None => work.await,
    }
}

/// As in `64a3f2c19b7e0`; nothing where no request asked for it.
pub fn name() -> Option<String> {
    NAME.try_with(String::clone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails if `as_here` does the work without the name.
    #[tokio::test]
    async fn the_name_goes_along_into_another_task_and_not_further() {
        let told = named("one".to_owned(), async {
            let here = name();
            tokio::spawn(as_here(here, async { name() })).await.expect("it ends")
        });
        assert_eq!(told.await.as_deref(), Some("one"));
        assert_eq!(tokio::spawn(as_here(name(), async { name() })).await.expect("it ends"), None);
    }
}
