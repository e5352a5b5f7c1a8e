//! Tokens that all threads share.

use crate::failure::{check, fail};
use crate::game::Game;
use crate::tally::Event;
use crate::value::Tracked;
use crate::world::World;
use contextvars::Token;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub struct Undo {
    token: Token,
    game: u64,
    /// The number of the value that it restores.
    old: u64,
    is_used: AtomicBool,
}

impl Undo {
    /// Sets the variable in a game that this thread has entered, and shares the token.
    pub fn offer(world: &World, game: &Game) {
        let old = world
            .undone
            .with(|value| value.map(|value| game.number(value)));
        let Some(old) = old else {
            fail(format!("a variable of {} is unset", game.id));
        };
        let token = world.undone.set(Tracked::some(game.id, world.number()));
        world.undos.put(Undo {
            token,
            game: game.id,
            old,
            is_used: AtomicBool::new(false),
        });
    }

    /// Resets with the token, in a game that this thread has entered. So no other thread can use a
    /// token of that game.
    pub fn try_it(self: &Arc<Self>, world: &World, game: &Game) {
        let may = self.game == game.id && !self.is_used.load(Ordering::SeqCst);
        let old = self.token.old_value();
        check!(
            Tracked::of(&old).owner == self.game,
            "a token of {} has a value of {}",
            self.game,
            Tracked::of(&old).owner
        );
        match world.undone.reset(&self.token) {
            Ok(()) => {
                check!(may, "a token of {} restores in {}", self.game, game.id);
                let again = self.is_used.swap(true, Ordering::SeqCst);
                check!(!again, "a token restores twice");
                check!(self.token.is_used(), "a token is not used after a reset");
                let now = world
                    .undone
                    .with(|value| value.map(|value| game.number(value)));
                check!(now == Some(self.old), "restored {now:?}, not {}", self.old);
                world.tally().count(Event::Restored);
            }
            Err(error) => {
                check!(!may, "a token does not restore: {error}");
                world.tally().count(Event::NotRestored);
            }
        }
    }
}
