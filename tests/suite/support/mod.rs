//! What the cases share: repositories, the program, and a model that is scripted.

pub mod contract;
pub mod events;
pub mod github;
pub mod greeter;
pub mod halves;
pub mod http;
pub mod model_server;
pub mod repository;
pub mod running;
pub mod tally;
