//! The writer does what it took, whatever happens to the jobs beside it.

use std::sync::{Arc, mpsc};

use futures::future::join_all;
use rusqlite::ErrorCode;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::sqlite::job::atomically;

fn writer() -> Arc<Writer> {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch("CREATE TABLE notes (number INTEGER PRIMARY KEY)")
        .unwrap();
    Arc::new(Writer::start(connection, FileWatch::of_nothing()).unwrap())
}

fn note(connection: &Connection, number: usize) -> Result<usize, SqliteFault> {
    Ok(connection.execute("INSERT INTO notes (number) VALUES (?1)", [number])?)
}

async fn notes(writer: &Writer) -> Vec<usize> {
    let read = writer.submit(|connection| {
        let mut statement = connection.prepare("SELECT number FROM notes ORDER BY number")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    });
    read.await.unwrap()
}

/// Keeps the writer busy until the sender is used or dropped, so that jobs gather in the queue.
async fn occupy(writer: &Arc<Writer>) -> (mpsc::Sender<()>, JoinHandle<Result<(), SqliteFault>>) {
    let (release, released) = mpsc::channel();
    let (begin, running) = oneshot::channel();
    let writer = Arc::clone(writer);
    let busy = tokio::spawn(async move {
        let work = move |_: &Connection| {
            let _listening = begin.send(());
            let _released = released.recv();
            Ok(())
        };
        writer.submit(work).await
    });
    running.await.unwrap();
    (release, busy)
}

type Work = Box<dyn FnOnce(&Connection) -> Result<usize, SqliteFault> + Send>;

/// The outcomes of jobs that are queued together.
async fn in_one_group(writer: &Arc<Writer>, jobs: Vec<Work>) -> Vec<Result<usize, SqliteFault>> {
    let (release, busy) = occupy(writer).await;
    let answers: Vec<_> = jobs.into_iter().map(|job| writer.enqueue(job)).collect();
    drop(release);
    busy.await.unwrap().unwrap();
    let outcomes = answers
        .into_iter()
        .map(|answer| async { answer?.await.unwrap() });
    join_all(outcomes).await
}

#[tokio::test]
async fn a_failing_job_undoes_its_own_steps_only() {
    let writer = writer();
    let failing = |connection: &Connection| {
        atomically(connection, |connection| {
            note(connection, 2)?;
            note(connection, 1)
        })
    };
    let jobs: Vec<Work> = vec![
        Box::new(|connection| note(connection, 1)),
        Box::new(failing),
        Box::new(|connection| note(connection, 3)),
    ];
    let outcomes = in_one_group(&writer, jobs).await;
    assert!(matches!(
        outcomes.as_slice(),
        [Ok(1), Err(SqliteFault::Driver(error)), Ok(1)]
            if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
    ));
    assert_eq!(notes(&writer).await, [1, 3]);
}

#[tokio::test]
async fn a_panicking_job_is_undone_with_its_group_and_the_writer_goes_on() {
    let writer = writer();
    let jobs: Vec<Work> = vec![
        Box::new(|connection| note(connection, 1)),
        Box::new(|connection| {
            note(connection, 2)?;
            panic!("a fault in a job")
        }),
        Box::new(|connection| note(connection, 3)),
    ];
    let outcomes = in_one_group(&writer, jobs).await;
    let all_panicked = outcomes
        .iter()
        .all(|outcome| matches!(outcome, Err(SqliteFault::Unanswered(Unanswered::Panicked))));
    assert!(all_panicked, "{outcomes:?}");
    assert!(
        writer
            .submit(|connection| note(connection, 4))
            .await
            .is_ok()
    );
    assert_eq!(notes(&writer).await, [4]);
}

#[tokio::test]
async fn nobody_is_told_yes_when_sqlite_rolled_the_group_back() {
    let writer = writer();
    let jobs: Vec<Work> = vec![
        Box::new(|connection| note(connection, 1)),
        Box::new(|connection| {
            connection.execute_batch("ROLLBACK")?;
            Ok(0)
        }),
        Box::new(|connection| note(connection, 3)),
    ];
    let outcomes = in_one_group(&writer, jobs).await;
    let all_undone = outcomes.iter().all(|outcome| {
        matches!(
            outcome,
            Err(SqliteFault::Unanswered(Unanswered::RolledBack))
        )
    });
    assert!(all_undone, "{outcomes:?}");
    assert!(notes(&writer).await.is_empty());
}

/// A writer that runs nowhere; during its pauses `meanwhile` is done.
fn paused(meanwhile: impl FnMut(Duration) + Send + 'static) -> WriterThread {
    WriterThread {
        connection: Connection::open_in_memory().unwrap(),
        watch: FileWatch::of_nothing(),
        log_is_due: false,
        last_jobs: 0,
        pause: Box::new(meanwhile),
        waits: WaitTimes::of("sqlite"),
    }
}

/// A job that does nothing.
fn idle() -> Order {
    let (reply, _unheard) = oneshot::channel();
    Order::Do(Box::new(Task::new(|_: &Connection| Ok(()), reply)))
}

/// How many jobs each group has, if this many are queued before it and one more comes in each pause.
fn group_sizes(queued: &[usize]) -> Vec<usize> {
    let (orders, queue) = sync_channel(QUEUE_JOBS);
    let later = orders.clone();
    let mut writer = paused(move |_| later.send(idle()).unwrap());
    let mut group = Group::default();
    let sizes = queued.iter().map(|jobs| {
        (0..*jobs).for_each(|_| orders.send(idle()).unwrap());
        writer.work(queue.recv().unwrap(), &queue, &mut group);
        writer.last_jobs
    });
    sizes.collect()
}

#[test]
fn a_small_group_grows_under_load_and_a_job_that_is_alone_does_not_wait() {
    assert_eq!(group_sizes(&[1, 1, 1]), [1, 1, 1]);
    assert_eq!(group_sizes(&[2, 1, 3]), [2, 2, 4]);
    assert_eq!(group_sizes(&[FEW_JOBS, FEW_JOBS]), [FEW_JOBS, FEW_JOBS]);
}

#[tokio::test]
async fn a_full_queue_is_refused_at_once_and_what_was_taken_is_done() {
    let writer = writer();
    let jobs = (0..=QUEUE_JOBS)
        .map(|number| -> Work { Box::new(move |connection| note(connection, number)) });
    let mut outcomes = in_one_group(&writer, jobs.collect()).await;
    let last = outcomes.pop();
    let is_refused = matches!(
        last,
        Some(Err(SqliteFault::Unanswered(Unanswered::QueueFull)))
    );
    assert!(is_refused, "{last:?}");
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(notes(&writer).await, (0..QUEUE_JOBS).collect::<Vec<_>>());
}

#[tokio::test]
async fn closing_does_what_is_queued_and_takes_nothing_more() {
    let writer = writer();
    let (release, busy) = occupy(&writer).await;
    let (noted, closed, ()) = tokio::join!(
        writer.submit(|connection| note(connection, 1)),
        writer.close(),
        async { drop(release) },
    );
    assert!(busy.await.unwrap().is_ok());
    assert!(noted.is_ok());
    assert!(closed.is_ok());
    let late = writer.submit(|connection| note(connection, 2)).await;
    assert!(matches!(
        late,
        Err(SqliteFault::Unanswered(Unanswered::Closed))
    ));
    assert!(writer.close().await.is_ok());
}

#[tokio::test]
async fn a_dropped_writer_does_what_is_queued() {
    let writer = writer();
    let (release, busy) = occupy(&writer).await;
    let noted = writer.enqueue(|connection| note(connection, 1)).unwrap();
    busy.abort();
    drop(writer);
    drop(release);
    assert!(matches!(noted.await, Ok(Ok(1))));
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let (_reply, answer) = oneshot::channel::<Result<(), SqliteFault>>();
    let late = wait(answer, Duration::ZERO).await;
    assert!(matches!(
        late,
        Err(SqliteFault::Unanswered(Unanswered::TooLate))
    ));
}
