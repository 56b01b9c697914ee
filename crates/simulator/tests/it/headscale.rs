//! The contract of a control plane, kept by the Headscale client against each dialect of the simulator.

mod laws;
mod private_ca;
mod renewal;
mod stage;

/// One suite for each dialect, with what it has.
macro_rules! suites {
    ($($name:ident = $dialect:expr;)*) => {$(
        mod $name {
            async fn stage() -> control_plane::contract::Stage {
                super::stage::stage($dialect).await
            }

            control_plane::contract_tests!(stage);
        }
    )*};
}

suites! {
    v0_28 = simulator::Dialect::V0_28;
    v0_29 = simulator::Dialect::V0_29;
    v0_30 = simulator::Dialect::V0_30;
}
