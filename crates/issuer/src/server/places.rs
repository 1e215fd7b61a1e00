//! The bounds of the connections of one listener: in all, and from one address.
//!
//! If all places are taken, the connection that has been idle for longest is closed for a new one.
//! In HTTP/2 a request takes a place too, if it runs beside another one of its connection.
//! This module must not know what is sent on a connection.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::{IpNet, Ipv6Net};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The most connections of a listener.
#[derive(Clone, Debug)]
pub(crate) struct PlaceLimits {
    /// The name of the listener in metrics.
    pub(crate) listener: &'static str,
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
            listener: "public",
            total: 10_000,
            per_address: 1_000,
            gateways: gateways.to_vec(),
        }
    }

    /// The limits of the operations listener: probes, scrapes and administrators.
    pub(crate) fn of_operations() -> Self {
        Self {
            listener: "operations",
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
    /// How many requests run.
    running: AtomicUsize,
    is_chosen: AtomicBool,
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

    /// Returns a place for a connection from any peer. While all other connections serve requests,
    /// it waits.
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
        let seat = self.seat(is_counted.then_some(network), permit)?;
        let mut taken = self.0.lock();
        let usage = Arc::new(Use {
            is_counted,
            running: AtomicUsize::new(0),
            is_chosen: AtomicBool::new(false),
            last_event: AtomicU64::new(self.0.tick()),
            gives_way: Notify::new(),
        });
        let id = taken.next_id;
        taken.next_id = id.wrapping_add(1);
        taken.by_id.insert(id, Arc::clone(&usage));
        Some(Place { id, seat, usage })
    }

    /// Counts one more place of this network; none if the network has too many.
    fn seat(&self, network: Option<IpAddr>, permit: OwnedSemaphorePermit) -> Option<Seat> {
        if let Some(network) = network {
            let mut taken = self.0.lock();
            let count = taken.by_address.entry(network).or_default();
            if *count >= self.0.limits.per_address {
                return None;
            }
            *count += 1;
        }
        Some(Seat {
            places: self.clone(),
            network,
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
            idlest.is_chosen.store(true, Ordering::Relaxed);
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
        self.running.load(Ordering::Relaxed) == 0 && !self.is_chosen.load(Ordering::Relaxed)
    }

    fn last_event(&self) -> u64 {
        self.last_event.load(Ordering::Relaxed)
    }
}

/// The place of a connection; dropping it frees the place.
#[derive(Debug)]
pub(super) struct Place {
    id: u64,
    seat: Seat,
    usage: Arc<Use>,
}

/// A counted place; dropping it frees the place.
#[derive(Debug)]
struct Seat {
    places: Places,
    /// The address that it is counted for.
    network: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Notes that a request has begun. Until the returned value is dropped, the connection is not
    /// idle.
    pub(super) fn serve(self: &Arc<Self>) -> Serving {
        Serving::new(self, None)
    }

    /// Notes that a request has begun, which may run beside others of this connection. Every one but
    /// the first takes a place of its own; none if the listener or the address has none left.
    pub(super) fn serve_beside(self: &Arc<Self>) -> Option<Serving> {
        if self.usage.running.load(Ordering::Relaxed) == 0 {
            return Some(self.serve());
        }
        let Seat {
            places, network, ..
        } = &self.seat;
        let permit = Arc::clone(&places.0.free).try_acquire_owned().ok()?;
        let seat = places.seat(*network, permit)?;
        Some(Serving::new(self, Some(seat)))
    }

    /// Ready when the connection must close for another one.
    pub(super) async fn gives_way(&self) {
        self.usage.gives_way.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.seat.places.0.lock();
        taken.by_id.remove(&self.id);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut taken = self.places.0.lock();
        if let Some(count) = taken.by_address.get_mut(&network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_address.remove(&network);
            }
        }
    }
}

/// A running request.
#[derive(Debug)]
pub(super) struct Serving {
    place: Arc<Place>,
    _seat: Option<Seat>,
}

impl Serving {
    fn new(place: &Arc<Place>, seat: Option<Seat>) -> Self {
        place.usage.running.fetch_add(1, Ordering::Relaxed);
        Self {
            place: Arc::clone(place),
            _seat: seat,
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let Place { seat, usage, .. } = &*self.place;
        usage
            .last_event
            .store(seat.places.0.tick(), Ordering::Relaxed);
        usage.running.fetch_sub(1, Ordering::Relaxed);
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
            listener: "public",
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
        assert_eq!(PlaceLimits::behind(&[]).per_address, 1_000);
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

    #[tokio::test]
    async fn requests_beside_each_other_take_places_of_their_address() {
        let places = places(5, 3);
        let place = take(&places, "192.0.2.1").await.unwrap();
        let mut running: Vec<_> = (0..3).map(|_| place.serve_beside().unwrap()).collect();
        assert!(place.serve_beside().is_none());
        assert!(take(&places, "192.0.2.1").await.is_none());
        let gateway = take(&places, "10.0.0.1").await.unwrap();
        let of_gateway: Vec<_> = (0..2).map(|_| gateway.serve_beside().unwrap()).collect();
        assert!(gateway.serve_beside().is_none(), "the listener is full");
        running.pop();
        assert!(place.serve_beside().is_some());
        drop((running, of_gateway, place, gateway));
        assert_eq!(places.0.lock().by_address.len(), 0);
        assert_eq!(places.0.free.available_permits(), 5);
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
