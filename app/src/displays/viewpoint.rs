//! From where a sphere is seen, and turning it by hand.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Radius of the drawn sphere, in a box of 100.
pub const RADIUS: f64 = 40.0;

/// From where spheres are seen: turned about Z, and from above. Degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewpoint {
    pub azimuth: f64,
    pub elevation: f64,
}

impl Viewpoint {
    pub const FRONT: Self = Self { azimuth: 28.0, elevation: 17.0 };

    /// Where a point of the sphere is drawn, and its depth: positive is on the viewer's side.
    pub fn project(self, [x, y, z]: [f64; 3]) -> (f64, f64, f64) {
        let (sa, ca) = self.azimuth.to_radians().sin_cos();
        let (se, ce) = self.elevation.to_radians().sin_cos();
        let right = -sa * x + ca * y;
        let up = -se * ca * x - se * sa * y + ce * z;
        let depth = ce * ca * x + ce * sa * y + se * z;
        (50.0 + RADIUS * right, 50.0 - RADIUS * up, depth)
    }
}

/// A viewpoint that a drag changes. On a touch screen a vertical drag scrolls; `touch-action` in the
/// style says so.
#[derive(Clone, Copy)]
pub struct Turning {
    pub from: RwSignal<Viewpoint>,
    /// Pointer and viewpoint when the drag began.
    held: StoredValue<Option<(f64, f64, Viewpoint)>>,
}

impl Turning {
    pub fn new() -> Self {
        Self { from: RwSignal::new(Viewpoint::FRONT), held: StoredValue::new(None) }
    }

    pub fn press(self, event: &PointerEvent) {
        if event.button() == 0 {
            if let Some(target) =
                event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok())
            {
                let _ = target.set_pointer_capture(event.pointer_id());
            }
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            self.held.set_value(Some((x, y, self.from.get_untracked())));
        }
    }

    pub fn turn(self, event: &PointerEvent) {
        if let Some((x, y, start)) = self.held.get_value() {
            let azimuth = start.azimuth - (f64::from(event.client_x()) - x) * 0.8;
            let elevation = start.elevation + (f64::from(event.client_y()) - y) * 0.8;
            self.from.set(Viewpoint { azimuth, elevation: elevation.clamp(-90.0, 90.0) });
        }
    }

    pub fn release(self) {
        self.held.set_value(None);
    }

    pub fn reset(self) {
        self.from.set(Viewpoint::FRONT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_is_zero_and_the_sphere_stays_in_its_box() {
        let (x, y, _) = Viewpoint::FRONT.project([0.0, 0.0, 1.0]);
        assert!((x - 50.0).abs() < 1e-9 && y < 15.0, "|0⟩ is at the top");
        let (_, _, depth) = Viewpoint::FRONT.project([1.0, 0.0, 0.0]);
        assert!(depth > 0.5, "X points to the viewer");
        for i in 0..100 {
            let (theta, phi) = (f64::from(i) * 0.31, f64::from(i) * 0.77);
            let from = Viewpoint { azimuth: f64::from(i) * 7.0, elevation: f64::from(i) - 50.0 };
            let point = [theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()];
            let (x, y, _) = from.project(point);
            assert!((x - 50.0).hypot(y - 50.0) <= RADIUS + 1e-9);
        }
    }
}
