//! Requests to a service for which a person waits: they have a deadline, few run at the same time, and
//! only answers with status 200 count. This module must not know what is asked.

use std::io;
use std::time::Duration;

use signet_flows::outside_service::NoAnswer;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::outgoing::{Outgoing, OutgoingAnswer};

/// Asks one service.
#[derive(Debug)]
pub(crate) struct BoundedClient {
    /// How the service is reached.
    pub(crate) outgoing: Outgoing,
    places: Semaphore,
    deadline: Duration,
}

impl BoundedClient {
    /// A client whose requests have this deadline.
    pub(crate) fn new(deadline: Duration) -> Self {
        Self {
            outgoing: Outgoing::trusting_public(),
            places: Semaphore::new(MAX_REQUESTS),
            deadline,
        }
    }

    /// Waits for a place, sends `request`, and reads the body of the answer; `None` if the body has
    /// more than `at_most` bytes.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`]
    pub(crate) async fn text_of(
        &self,
        request: impl Future<Output = io::Result<OutgoingAnswer>>,
        at_most: usize,
    ) -> Result<Option<String>, NoAnswer> {
        let asked = async {
            let place = self.places.acquire().await;
            let _place = place.map_err(|_| NoAnswer::Unreachable)?;
            let answer = request.await.map_err(|_| NoAnswer::Unreachable)?;
            if answer.status.as_u16() != 200 {
                return Err(NoAnswer::Refused(answer.status.as_u16()));
            }
            let text = answer.text(at_most).await;
            text.map_err(|_| NoAnswer::Unreachable)
        };
        let answered = timeout(self.deadline, asked).await;
        answered.unwrap_or(Err(NoAnswer::Unreachable))
    }
}

/// So many requests run at the same time; others wait until their deadline.
const MAX_REQUESTS: usize = 16;
