// Package version holds the version of Halftone, which run.json records.
package version

// Version is the release that this tree leads to.
const Version = "0.1.0"
