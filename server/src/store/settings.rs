//! Single values of this instance.

use super::Db;

impl Db {
    pub async fn find_setting(&self, name: &str) -> sqlx::Result<Option<String>> {
        let row = self.query("SELECT value FROM settings WHERE name = $1", (name,)).fetch_optional().await?;
        Ok(row.map(|(value,)| value))
    }

    pub async fn put_setting(&self, name: &str, value: &str) -> sqlx::Result<()> {
        let put = "INSERT INTO settings (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.query(put, (name, value)).execute().await.map(drop)
    }

    /// Only if there is none yet. Says whether it is this one now.
    pub async fn put_first_setting(&self, name: &str, value: &str) -> sqlx::Result<bool> {
        let put = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        Ok(self.query(put, (name, value)).execute().await? == 1)
    }
}
