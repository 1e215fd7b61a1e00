//! Where the issuers of these tests keep things: where their names say.

use rusqlite::Connection;
use signet_tests::StoreChoice;

pub(crate) async fn a_case_runs_on_the_stores_in_its_name(stores: StoreChoice) {
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
        StoreChoice::Sqlite => assert_eq!((rows("accounts"), rows("sessions")), (1, 1)),
        StoreChoice::Redis => assert_eq!((rows("accounts"), rows("sessions")), (1, 0)),
        StoreChoice::Postgres => assert!(!database.exists()),
    }
}
