//go:build !long

package number

// samplingStep thins out the widest tables; the long tests take every case.
const samplingStep = 5
