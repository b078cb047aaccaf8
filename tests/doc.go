// Package tests holds tests of what crosses packages: the simulated graph against the emulator, training against
// deployment.
package tests
