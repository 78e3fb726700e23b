//! The use cases, generic over the ports.
//!
//! [`load`] reads what the repository declares. [`generate`] runs specs: [`baseline`] proves the repository as it is,
//! [`produce`] works on one spec until its [`prove`] passes, then the result is delivered. The others read and report.

pub mod accept;
pub mod act;
mod allowed;
pub mod baseline;
mod branch;
pub mod budget;
pub mod checked;
mod choices;
pub mod comply;
mod counterpart;
mod defaults;
pub mod deliver;
mod descending;
pub mod doctor;
pub mod edits;
pub mod examples;
mod forms;
pub mod generate;
pub mod init;
mod injection;
mod lengths;
mod listed;
pub mod load;
mod made_up;
mod mend;
pub mod moves;
mod named;
mod owners;
pub mod patterns_test;
mod place;
pub mod produce;
pub mod prompts;
pub mod propose;
pub mod prove;
mod ranges;
mod repetition;
mod reproof;
pub mod respond;
mod setback;
pub mod staged;
pub mod status;
pub mod status_comment;
pub mod workflow;
