//! Functions and plugins: programs and containers.
