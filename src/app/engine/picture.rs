//! The picture for a file: what moves in it as SVG, and going to the moments of an animation.

use super::Engine;
use crate::view::camera::Camera;
use crate::view::crowd::figures;
use crate::view::export::tokens::{self, Inks};
use crate::view::flight::Flight;
use crate::view::svg::Svg;

impl Engine {
    /// What moves in the picture now, as SVG, and how large the picture is, CSS pixels. None if there is no picture.
    pub fn moving(&self, inks: &Inks) -> Option<(String, (f64, f64))> {
        let player = self.player();
        let mut picture = self.picture.borrow_mut();
        let picture = picture.as_mut()?;
        let still = player.has_jump_cuts();
        let flights = picture.flying.look(&player, &picture.layout);
        let flights: Vec<Flight> = flights.iter().filter(|flight| !still || flight.rests).cloned().collect();
        let Camera { origin, scale } = picture.camera;
        let seen = format!("scale({scale}) translate({} {})", -origin.x, -origin.y);
        let mut svg = Svg::default();
        svg.begin("g", &[("transform", &seen)]);
        tokens::draw(&mut svg, &flights, &figures(&picture.layout, player.board()), inks);
        svg.end();
        Some((svg.finish(), picture.room))
    }

    /// To a moment, virtual milliseconds. Time stands still there.
    pub fn seek_ms(&self, at_ms: f64) {
        self.change(|player| {
            player.pause();
            player.seek_ms(at_ms);
        });
    }

    /// The virtual time of what is shown, milliseconds.
    pub fn clock_ms(&self) -> f64 {
        self.player().clock_ms()
    }

    /// How many entries have happened.
    pub fn cursor(&self) -> usize {
        self.player().cursor()
    }
}
