//! What the pool promises, without hashing anything.

use std::sync::mpsc;

use super::*;

fn sign_in() -> HashRequest {
    HashRequest {
        class: HashClass::SignIn,
        parties: Vec::new(),
    }
}

fn pool(threads: usize, queue: usize) -> HashPool<u32> {
    let size = PoolSize {
        threads: NonZeroUsize::new(threads).unwrap(),
        queue,
        idle: Duration::from_hours(1),
    };
    HashPool::start(size, || 0).unwrap()
}

/// Occupies the only thread until the returned sender is dropped.
async fn occupy(pool: &Arc<HashPool<u32>>) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let pool = Arc::clone(pool);
    tokio::spawn(async move {
        pool.run(sign_in(), move |_| {
            begun.send(()).unwrap();
            let _hung_up = released.recv();
        })
        .await
    });
    has_begun.await.unwrap();
    release
}

#[tokio::test]
async fn a_workspace_is_reused() {
    let pool = pool(1, 8);
    let count = |workspace: &mut u32| {
        *workspace += 1;
        *workspace
    };
    assert_eq!(pool.run(sign_in(), count).await, Ok(1));
    assert_eq!(pool.run(sign_in(), count).await, Ok(2));
    assert_eq!(pool.run(sign_in(), count).await, Ok(3));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let pool = Arc::new(pool(1, 1));
    let release = occupy(&pool).await;
    let waiting = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pool.run(sign_in(), |_| "done").await }
    });
    while pool.shared.queue().jobs.len() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pool.run(sign_in(), |_| ()).await, Err(HashError::Full));
    drop(release);
    assert_eq!(waiting.await.unwrap(), Ok("done"));
}

#[tokio::test]
async fn a_job_whose_caller_has_gone_is_never_begun() {
    let pool = Arc::new(pool(1, 8));
    let release = occupy(&pool).await;
    let mut abandoned = Box::pin(pool.run(sign_in(), |workspace| *workspace = 7));
    assert!(futures::poll!(&mut abandoned).is_pending());
    drop(abandoned);
    drop(release);
    assert_eq!(pool.run(sign_in(), |workspace| *workspace).await, Ok(0));
    assert_eq!(pool.finished(), 2);
}

#[tokio::test]
async fn a_job_that_panics_harms_nobody_else() {
    let pool = pool(1, 8);
    let broken: Result<(), _> = pool.run(sign_in(), |_| panic!("on purpose")).await;
    assert_eq!(broken, Err(HashError::Broken));
    assert_eq!(
        pool.run(sign_in(), |_| "still here").await,
        Ok("still here")
    );
}

/// Tells when it is let go.
struct Loud(mpsc::Sender<()>);

impl Drop for Loud {
    fn drop(&mut self) {
        let _nobody_listens = self.0.send(());
    }
}

#[tokio::test]
async fn a_workspace_is_let_go_when_there_is_no_work() {
    let size = PoolSize {
        threads: NonZeroUsize::MIN,
        queue: 8,
        idle: Duration::from_millis(1),
    };
    let pool = HashPool::<Option<Loud>>::start(size, || None).unwrap();
    let (dropped, was_dropped) = mpsc::channel();
    pool.run(sign_in(), move |workspace| *workspace = Some(Loud(dropped)))
        .await
        .unwrap();
    tokio::task::spawn_blocking(move || was_dropped.recv())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        pool.run(sign_in(), |workspace| workspace.is_none()).await,
        Ok(true)
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn its_threads_step_back_and_others_do_not() {
    let niceness = || rustix::process::getpriority_process(None).unwrap();
    let own = niceness();
    let pool = pool(1, 8);
    assert_eq!(pool.run(sign_in(), move |_| niceness()).await, Ok(10));
    assert_eq!(niceness(), own);
}
