//! Where the issuers of these tests keep things: where their names say.

use rusqlite::Connection;
use signet_tests::Stores;

pub(crate) async fn a_case_runs_on_the_stores_in_its_name(stores: Stores) {
    let server = stores.serve();
    server.api().register().await;
    let database = server.folder().database();
    let rows = |table: &str| -> u32 {
        let connection = Connection::open(&database).expect("a database");
        let count = format!("SELECT count(*) FROM {table}");
        let counted = connection.query_row(&count, [], |row| row.get(0));
        counted.expect("a table")
    };
    match stores {
        Stores::Sqlite => assert_eq!((rows("accounts"), rows("sessions")), (1, 1)),
        Stores::Redis => assert_eq!((rows("accounts"), rows("sessions")), (1, 0)),
        Stores::Postgres => assert!(!database.exists()),
    }
}
