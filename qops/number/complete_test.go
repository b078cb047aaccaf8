//go:build long

package number

const samplingStep = 1
