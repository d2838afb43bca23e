//! What is taken out of the page as a file: what moves in the picture as SVG, and an animation out of single pictures.

pub mod apng;
pub mod tokens;
