//! What is decided for a share, on plain data.

mod product;
mod way;
mod world;
