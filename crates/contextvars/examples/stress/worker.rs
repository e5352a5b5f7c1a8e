//! The loop of each thread, which chooses operations at random.

use crate::base::Base;
use crate::elsewhere::go_elsewhere;
use crate::game::{Game, Seen};
use crate::private::Private;
use crate::watch::watch;
use crate::world::World;
use contextvars::Context;

/// Performs operations until the threads are to stop.
pub fn work(world: &World, seed: u64, number: usize) {
    let worker = number as u64 + 1;
    fastrand::seed(seed.wrapping_mul(1 << 16).wrapping_add(worker));
    let (mut seen, private) = (Seen::default(), Private::new());
    while !world.is_stopped() {
        match fastrand::u8(..100) {
            0..40 => {
                if let Some(game) = world.games.pick() {
                    game.play(world, worker, 0);
                }
            }
            40..70 => {
                if let Some(game) = world.games.pick() {
                    game.read(world, &mut seen);
                }
            }
            70..80 => private.use_it(world),
            80..84 => world.games.put(Game::begin(world, Context::new())),
            84..90 => go_elsewhere(world),
            90..96 => {
                if let Some(base) = world.bases.pick() {
                    base.intrude(world);
                }
            }
            96..99 => watch(world),
            _ => Base::live(world),
        }
    }
}
