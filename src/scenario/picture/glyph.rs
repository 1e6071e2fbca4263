//! A little drawing for each component, as the path of an outline in a square of 18.

use crate::scenario::words::Component;

pub(super) fn glyph(component: Component) -> &'static str {
    match component {
        // A screen on its foot
        Component::Client => "M2 3H16V12H2ZM9 12V15M5 15.5H13",
        // Two racks with a lamp each
        Component::Server => "M2 3H16V8H2ZM2 10H16V15H2ZM5 5.5H6M5 12.5H6M10 5.5H13M10 12.5H13",
        Component::Database | Component::ControlPlaneDatabase => {
            "M2.5 4.5C2.5 1.8 15.5 1.8 15.5 4.5V13.5C15.5 16.2 2.5 16.2 2.5 13.5ZM2.5 4.5C2.5 7.2 15.5 7.2 15.5 4.5M2.5 9C2.5 11.7 15.5 11.7 15.5 9"
        }
        // A window with bars in it
        Component::Dashboard | Component::ControlPlaneDashboard => {
            "M2 2.5H16V15.5H2ZM2 6H16M5.5 13V10.5M9 13V8.5M12.5 13V11.5"
        }
        // A key
        Component::SecretsStore => "M6 13A3.2 3.2 0 1 0 6 6.6A3.2 3.2 0 1 0 6 13M8.7 8.3L15.5 3M12.5 5.4L14.5 7.9",
        // An open box
        Component::ArtifactStore => "M2 6H16V15.5H2ZM2 6L4.5 2.5H13.5L16 6M7 9H11",
        // Stacked containers
        Component::ContainerRegistry => "M2 10H8.5V15.5H2ZM9.5 10H16V15.5H9.5ZM5.5 3.5H12.5V9H5.5Z",
        // A flask
        Component::Mlflow => "M6.5 2.5H11.5M7.5 2.5V7L3 15.5H15L10.5 7V2.5M5.3 11.5H12.7",
        // A hub with three spokes
        Component::ControlPlane => {
            "M9 11A2.2 2.2 0 1 0 9 6.6A2.2 2.2 0 1 0 9 11M9 6.6V2.5M7.2 10.2L3 14.5M10.8 10.2L15 14.5"
        }
        // A badge
        Component::IdentityProvider => {
            "M3 2.5H15V15.5H3ZM9 9A2 2 0 1 0 9 5A2 2 0 1 0 9 9M5.5 13C6 10.5 12 10.5 12.5 13"
        }
        // A shield
        Component::Agent => "M9 2L15 4.5V9C15 12.5 12 15 9 16C6 15 3 12.5 3 9V4.5ZM6.3 9L8.3 11L12 6.8",
        // A play button in a frame
        Component::WorkloadManager => "M2 3H16V15H2ZM7.2 6.2V11.8L12 9Z",
        // Lines of text
        Component::LogStore => "M3 2.5H15V15.5H3ZM5.5 6H12.5M5.5 9H12.5M5.5 12H10",
        // A plug
        Component::ServiceConnectors => {
            "M6.5 2.5V6M11.5 2.5V6M4.5 6H13.5V9C13.5 11.5 11.5 12.8 9 12.8C6.5 12.8 4.5 11.5 4.5 9ZM9 12.8V16"
        }
    }
}
