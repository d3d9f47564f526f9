//! Where are records that no other test has? A file, or a role of its own on the ground's PostgreSQL, whose schema has its name.

use crate::Records;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use std::fmt::Write;

pub(crate) struct Place {
    pub(crate) url: String,
    role: String,
}

/// This module is there twice, and its path tells which it is.
pub(crate) fn on_postgres() -> bool {
    module_path!().contains("::postgres::")
}

/// As somebody who may make roles.
pub(crate) fn ground() -> String {
    std::env::var("GROUND_POSTGRES_URL").expect("the PostgreSQL of the ground: run the tests by end2end/with-ground")
}

async fn told(statements: &str) {
    let mut connection = PgConnection::connect(&ground()).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(statements.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

impl Place {
    pub(crate) async fn fresh() -> Self {
        let random: [u8; 8] = rand::random();
        let role = random.iter().fold("records_".to_owned(), |mut name, byte| {
            write!(name, "{byte:02x}").unwrap();
            name
        });
        if !on_postgres() {
            let folder = std::env::temp_dir().join(format!("stowage-{role}"));
            return Self { url: format!("sqlite://{}/in/s.db", folder.display()), role };
        }
        told(&format!("CREATE ROLE {role} LOGIN PASSWORD '{role}'; CREATE SCHEMA AUTHORIZATION {role}")).await;
        let ground = ground();
        let place = ground.rsplit_once('@').unwrap().1;
        Self { url: format!("postgres://{role}:{role}@{place}"), role }
    }

    /// Records that nobody else has. A file that is only in memory leaves nothing behind.
    pub(crate) async fn records() -> Records {
        let url = if on_postgres() { Self::fresh().await.url.clone() } else { "sqlite::memory:".to_owned() };
        Records::open(&url).await.unwrap()
    }

    /// On a server, the name of its role and of its schema.
    pub(crate) fn role(&self) -> &str {
        &self.role
    }

    pub(crate) async fn open(&self) -> Records {
        Records::open(&self.url).await.unwrap()
    }

    /// What a failover to a server that only reads, an outage or a return is to this role: its connections end, and new ones are so.
    pub(crate) async fn becomes(&self, how: &str) {
        let role = &self.role;
        told(&format!("ALTER ROLE {role} {how}; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'")).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Of those on the server, the ground's end takes what is left.
        let _only_files_have_one = std::fs::remove_dir_all(std::env::temp_dir().join(format!("stowage-{}", self.role)));
    }
}
