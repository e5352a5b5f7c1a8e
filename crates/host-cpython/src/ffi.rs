//! CPython's C API, as far as this crate needs it, behind safe types.
//!
//! All `unsafe` code of the crate is in this module, except a function of `thread` with its caller
//! in `var`, and the implementation of `ContextHost` in `cells`. It refers to these rules by
//! number:
//!
//! * **S1, attached.** The interpreter calls this crate with the thread attached, and this crate
//!   never detaches it. `Python` is the proof: only functions that the interpreter calls create
//!   one. Handles are not `Send`, so they are dropped on an attached thread as well. With a global
//!   lock, an attached thread has it. Without one, several threads are attached at the same time.
//!   Then shared data is atomic or locked (contexts' claims and bindings, tokens' marks, positions
//!   of iterators, counts), does not change (variables, nodes that are shared), or belongs to one
//!   thread (`free_list`, `recent`, `release`, the states of threads). The collector stops all
//!   threads. None of them has one of our locks then, because no code allocates or drops a
//!   reference under one (`Nodes::RUNS_CODE`).
//! * **S2, borrowed arguments.** An argument from the interpreter is alive during the call, is of
//!   the documented kind, and is not NULL unless documented. A method or slot of a type gets
//!   an instance of that type as its receiver.
//! * **S3, owned references.** An `Object` owns one reference to a live object. A function
//!   documented to return a new reference returns one, or NULL with an exception set.
//! * **S4, layout.** An object of a type that was built for payload `P` is a `Layout<P>`: the
//!   type has its size, and no subclasses. The payload is written before other code can reach
//!   the object. It is only borrowed by `&`, and dropped once, when the last reference is dropped.
//! * **S5, function items.** A function item has no size. So where its type is known and has a
//!   value, the value can be created from nothing. One was passed in where the type came from.
//! * **S6, one interpreter.** The module refuses every interpreter but the first main one of the
//!   process. So types live as long as any code of this crate runs.
//! * **S7, tables.** The tables that the interpreter keeps (definitions of methods, slots, modules)
//!   are leaked or static, have the documented layout, and end with an entry of zeros.
//! * **S8, counts.** An object begins with its count, one word: the stable ABI of 3.11 guarantees
//!   this to extensions that count in place.

mod arguments;
mod class;
mod collector;
mod count;
mod free_list;
mod interpreter;
mod layout;
mod method;
mod module;
mod nesting;
mod nodes;
mod object;
mod raised;
mod recent;
mod release;
mod slot;
mod watcher;
mod weak;

pub use arguments::{Arguments, Constructor, OneAndNamed, check_count};
pub use class::{Class, Type};
pub use free_list::FreeList;
pub use interpreter::{interpreter_id, is_first, thread_dict, thread_state_id};
pub use layout::{Instance, NoWeakList, Payload, WeakReferences};
pub use method::Method;
pub use module::Module;
pub use nodes::{NodeClass, Nodes, Tree, Visit};
pub use object::{Immortal, Object};
pub use raised::Raised;
pub use recent::Recent;
pub use slot::Comparison;
pub use watcher::Watcher;
pub use weak::{Anchored, WeakInstance};
