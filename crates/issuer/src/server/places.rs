//! The bounds of the connections of one listener: in all, and from one address.
//!
//! If all places are taken, the connection that has been idle for longest is closed for a new one.
//! This module must not know what is sent on a connection.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::{IpNet, Ipv6Net};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The most connections of a listener.
#[derive(Clone, Debug)]
pub(crate) struct PlaceLimits {
    /// In all.
    pub(crate) total: usize,
    /// From one address, or one IPv6 network of 64 bits.
    pub(crate) per_address: usize,
    /// The gateways; each brings the requests of many clients.
    pub(crate) gateways: Vec<IpNet>,
}

impl PlaceLimits {
    /// The limits of a server behind these gateways. An idle connection takes about 20 KB.
    pub(crate) fn behind(gateways: &[IpNet]) -> Self {
        Self {
            total: 10_000,
            per_address: 1_000,
            gateways: gateways.to_vec(),
        }
    }

    /// The limits of the operations listener: probes, scrapes and administrators.
    pub(crate) fn of_operations() -> Self {
        Self {
            total: OPERATIONS,
            per_address: OPERATIONS,
            gateways: Vec::new(),
        }
    }

    /// Leaves descriptors for everything else, out of `open_files`: stores, keys, logs and the
    /// operations listener must work when the public listener has no place left.
    pub(crate) fn within(self, open_files: Option<u64>) -> Self {
        let Some(open_files) = open_files.and_then(|limit| usize::try_from(limit).ok()) else {
            return self;
        };
        let reserved = RESERVED_FILES.min(open_files / 2);
        Self {
            total: self.total.min(open_files.saturating_sub(reserved)),
            ..self
        }
    }

    /// Programs of this machine are not counted: they could harm the server in easier ways.
    fn counts(&self, address: IpAddr) -> bool {
        let is_gateway = || self.gateways.iter().any(|net| net.contains(&address));
        !address.is_loopback() && !is_gateway()
    }
}

/// The places of one listener. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: PlaceLimits,
    free: Arc<Semaphore>,
    /// Counts events on all connections, as a clock that orders them.
    events: AtomicU64,
    taken: Mutex<Taken>,
}

#[derive(Default, Debug)]
struct Taken {
    next_id: u64,
    by_id: HashMap<u64, Arc<Use>>,
    by_address: HashMap<IpAddr, usize>,
}

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Use {
    is_counted: bool,
    is_serving: AtomicBool,
    last_event: AtomicU64,
    gives_way: Notify,
}

impl Places {
    pub(super) fn new(limits: PlaceLimits) -> Self {
        Self(Arc::new(Shared {
            free: Arc::new(Semaphore::new(limits.total)),
            limits,
            events: AtomicU64::new(0),
            taken: Mutex::default(),
        }))
    }

    /// Returns a place for the next connection from any peer. While all other connections serve
    /// requests, it waits, and new connections wait in the kernel.
    pub(super) async fn next(&self) -> Option<OwnedSemaphorePermit> {
        let free = Arc::clone(&self.0.free);
        if let Ok(permit) = Arc::clone(&free).try_acquire_owned() {
            return Some(permit);
        }
        self.end_idlest();
        free.acquire_owned().await.ok()
    }

    /// Gives the place to a connection from `peer`; none if that address has too many.
    pub(super) fn take(&self, peer: IpAddr, permit: OwnedSemaphorePermit) -> Option<Place> {
        let network = network_of(peer.to_canonical());
        let is_counted = self.0.limits.counts(peer.to_canonical());
        let mut taken = self.0.lock();
        if is_counted {
            let count = taken.by_address.entry(network).or_default();
            if *count >= self.0.limits.per_address {
                return None;
            }
            *count += 1;
        }
        let usage = Arc::new(Use {
            is_counted,
            is_serving: AtomicBool::new(false),
            last_event: AtomicU64::new(self.0.tick()),
            gives_way: Notify::new(),
        });
        let id = taken.next_id;
        taken.next_id = id.wrapping_add(1);
        taken.by_id.insert(id, Arc::clone(&usage));
        Some(Place {
            places: self.clone(),
            id,
            network,
            usage,
            _permit: permit,
        })
    }

    /// Closes the connection that has been idle for longest; those of gateways last.
    fn end_idlest(&self) {
        let taken = self.0.lock();
        let idle = taken.by_id.values().filter(|usage| usage.is_idle());
        let idlest = idle.min_by_key(|usage| (!usage.is_counted, usage.last_event()));
        if let Some(idlest) = idlest {
            // It is chosen once, and it closes even if a request is just arriving.
            idlest.is_serving.store(true, Ordering::Relaxed);
            idlest.gives_way.notify_one();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self) -> u64 {
        self.events.fetch_add(1, Ordering::Relaxed)
    }
}

impl Use {
    fn is_idle(&self) -> bool {
        !self.is_serving.load(Ordering::Relaxed)
    }

    fn last_event(&self) -> u64 {
        self.last_event.load(Ordering::Relaxed)
    }
}

/// The place of a connection; dropping it frees the place.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    id: u64,
    network: IpAddr,
    usage: Arc<Use>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Notes that a request has begun. Until the returned value is dropped, the connection is not
    /// idle.
    pub(super) fn serve(self: &Arc<Self>) -> Serving {
        self.usage.is_serving.store(true, Ordering::Relaxed);
        Serving(Arc::clone(self))
    }

    /// Ready when the connection must close for another one.
    pub(super) async fn gives_way(&self) {
        self.usage.gives_way.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock();
        taken.by_id.remove(&self.id);
        if !self.usage.is_counted {
            return;
        }
        if let Some(count) = taken.by_address.get_mut(&self.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_address.remove(&self.network);
            }
        }
    }
}

/// A running request.
#[derive(Debug)]
pub(super) struct Serving(Arc<Place>);

impl Drop for Serving {
    fn drop(&mut self) {
        let Place { places, usage, .. } = &*self.0;
        usage.last_event.store(places.0.tick(), Ordering::Relaxed);
        usage.is_serving.store(false, Ordering::Relaxed);
    }
}

/// In IPv6 one household or machine has a whole network of 64 bits.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(whole) => {
            let network = Ipv6Net::new(whole, 64).map(|network| network.network());
            IpAddr::V6(network.unwrap_or(whole))
        }
    }
}

/// Connections of the operations listener: many times what probes, scrapes and commands need.
const OPERATIONS: usize = 100;

/// Files and sockets that the public listener leaves free: the operations listener, about fifty for
/// the stores, and the rest for mail, notices, keys and logs.
const RESERVED_FILES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn places(total: usize, per_address: usize) -> Places {
        Places::new(PlaceLimits {
            total,
            per_address,
            gateways: vec!["10.0.0.0/8".parse().unwrap()],
        })
    }

    async fn take(places: &Places, peer: &str) -> Option<Arc<Place>> {
        let permit = places.next().await.unwrap();
        places.take(peer.parse().unwrap(), permit).map(Arc::new)
    }

    #[tokio::test]
    async fn one_address_has_so_many_places_and_a_gateway_all() {
        let places = places(100, 2);
        let mut held = Vec::new();
        for (peer, has_place) in [
            ("192.0.2.1", true),
            ("192.0.2.1", true),
            ("192.0.2.1", false),
            ("::ffff:192.0.2.1", false),
            ("192.0.2.2", true),
            ("2001:db8::1", true),
            ("2001:db8::2", true),
            ("2001:db8::3", false),
            ("2001:db8:0:1::3", true),
            ("10.0.0.1", true),
            ("10.0.0.1", true),
            ("10.0.0.1", true),
            ("127.0.0.1", true),
        ] {
            let place = take(&places, peer).await;
            assert_eq!(place.is_some(), has_place, "{peer}");
            held.push(place);
        }
        drop(held.remove(0));
        assert!(take(&places, "192.0.2.1").await.is_some());
        drop(held);
        assert_eq!(places.0.lock().by_address.len(), 0);
        assert_eq!(places.0.free.available_permits(), 100);
    }

    async fn next_of(places: Places) -> Option<OwnedSemaphorePermit> {
        places.next().await
    }

    #[tokio::test]
    async fn the_idlest_gives_way_and_a_gateway_last() {
        let places = places(4, 4);
        let gateway = take(&places, "10.0.0.1").await.unwrap();
        let served = take(&places, "192.0.2.1").await.unwrap();
        let older = take(&places, "192.0.2.2").await.unwrap();
        let newer = take(&places, "192.0.2.3").await.unwrap();
        let serving = served.serve();
        drop(older.serve());
        for (leaves, place) in [("newer", newer), ("older", older), ("gateway", gateway)] {
            let next = tokio::spawn(next_of(places.clone()));
            place.gives_way().await;
            assert!(!next.is_finished(), "{leaves}");
            drop(place);
            // Held, as by a connection with a running request.
            next.await.unwrap().unwrap().forget();
        }
        drop(serving);
    }

    #[test]
    fn the_public_listener_leaves_descriptors_for_everything_else() {
        let total = |open_files| PlaceLimits::behind(&[]).within(open_files).total;
        assert_eq!(total(None), 10_000);
        assert_eq!(total(Some(65_536)), 10_000);
        assert_eq!(total(Some(1_024)), 768);
        assert_eq!(total(Some(300)), 150);
    }
}
