//! The hands: what was decided is carried out here, and nowhere else.
//!
//! One run of one app is five steps, each a file: [`observe`] (what became of
//! lost writes, what the app holds), [`plan`] (decide about everybody, as rows),
//! [`guard`] (hold what may not be done unasked, order the rest), [`execute`]
//! (intents, then requests), [`record`] (results, events). [`run`] is their
//! order, [`schedule`] their time.
//!
//! Around them: [`clock`] (time and chance), [`transport`] (HTTP), [`calls`]
//! (an app's calls, paced by [`limiter`] and let through by [`gate`]), [`wire`]
//! (attributes as SCIM spells them), [`learn`] (what an answer makes of a record).
//!
//! Not here: decisions (`usher-model`), SQL (`usher-store`), anything that is shown.

pub mod authorize;
pub mod calls;
pub mod clock;
pub mod endpoint;
pub mod environment;
pub mod execute;
pub mod explain;
pub mod gate;
pub mod guard;
pub mod import;
pub mod learn;
pub mod limiter;
pub mod observe;
pub mod plan;
pub mod record;
pub mod run;
pub mod schedule;
pub mod setting;
pub mod transport;
pub mod wire;
pub mod work;
