//! A small shop: its catalog and how products are published.

pub mod money;
pub mod product_dto;
pub mod product_repository;
