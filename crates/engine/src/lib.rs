//! The hands: what was decided is carried out here, and nowhere else.
//!
//! One run of one app is five steps, each a file: [`observe`] (what became of
//! lost writes), [`plan`] (decide about everybody, as rows), [`guard`] (hold
//! what may not be done unasked, order the rest), [`execute`] (intents, then
//! requests), [`record`] (results, events); an [`audit`] comes before them. [`run`] is their order, [`preview`]
//! the same without the last two, [`undo`] a run that takes another one back, [`schedule`] their time.
//!
//! Around them: [`clock`] (time and chance), [`carrier`] (HTTP), [`transport`] (the way to an app), [`calls`]
//! (an app's calls, paced by [`limiter`] and let through by [`gate`]), `ask`
//! and `listing` (what the app holds), [`wire`] (attributes as SCIM spells
//! them), [`learn`] (what an answer makes of a record), `stop` and `health`
//! (when a run must end). [`google`] is the way to a directory of Google Workspace.
//!
//! Not here: decisions (`usher-model`), SQL (`usher-store`), anything that is shown.

pub mod approval;
pub(crate) mod ask;
pub mod audit;
pub mod authorize;
pub(crate) mod begin;
pub mod calls;
pub mod carrier;
pub mod clock;
pub mod endpoint;
pub mod environment;
pub mod execute;
pub mod explain;
pub mod gate;
pub mod google;
pub mod groups;
pub mod guard;
pub(crate) mod health;
pub mod import;
pub mod learn;
pub mod limiter;
pub(crate) mod listing;
pub mod mirror;
pub mod observe;
pub(crate) mod outcome;
pub mod plan;
pub mod preview;
pub mod progress;
pub mod record;
pub(crate) mod refusal;
pub mod releasing;
pub mod report;
pub mod run;
pub mod schedule;
pub mod setting;
pub(crate) mod stop;
pub mod transport;
pub mod turns;
pub mod undo;
pub mod watch;
pub mod wire;
pub mod work;
