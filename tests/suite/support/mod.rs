//! What the cases share: repositories, the program, and a model that is scripted.

pub mod repository;
