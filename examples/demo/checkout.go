// A caller of a gRPC service: checkout asks stock for a count 50 times a second. `weft run` has started a sidecar before
// this began, and says by WEFT_OUTBOUND where that takes calls; the name of the service is the authority.
//
// Nothing but Go's own library is used, so that this compiles wherever Go does: HTTP/2 in the clear, five bytes in front
// of a message, and the one field of each message by hand. With grpc-go and generated code it is
//
//	grpc.NewClient(os.Getenv("WEFT_OUTBOUND"), grpc.WithAuthority("stock"), ...)
//
// Prints what it saw, once a second. Ends with its standard input.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"time"
)

const (
	callsASecond = 50
	// Of what is due: a machine that stood still does not make up for all of it.
	mostAtOnce = 10
)

type counted struct {
	Calls   int            `json:"calls"`
	Failed  int            `json:"failed"`
	Failure *string        `json:"failure"`
	TimesMs []float64      `json:"timesMs"`
	Answers map[string]int `json:"answers"`
}

var (
	lock   sync.Mutex
	seen   counted
	client = &http.Client{Transport: &http.Transport{Protocols: clearHTTP2()}}
)

func clearHTTP2() *http.Protocols {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// The name of the endpoint that answered.
func count(item uint64) (string, error) {
	message := binary.AppendUvarint([]byte{0x08}, item) // field 1, a number
	frame := append([]byte{0, 0, 0, 0, byte(len(message))}, message...)
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	url := "http://" + os.Getenv("WEFT_OUTBOUND") + "/weft.demo.Stock/Count"
	request, err := http.NewRequestWithContext(ctx, "POST", url, bytes.NewReader(frame))
	if err != nil {
		return "", err
	}
	request.Host = "stock"
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("Te", "trailers")
	request.Header.Set("Grpc-Timeout", "15S")
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	// An answer without a message may have its trailers where others have their head.
	said := response.Trailer
	if said.Get("Grpc-Status") == "" {
		said = response.Header
	}
	if status := said.Get("Grpc-Status"); status != "0" || len(reply) < 7 {
		return "", fmt.Errorf("HTTP %d, grpc-status %q: %s", response.StatusCode, status, said.Get("Grpc-Message"))
	}
	return string(reply[7:]), nil // field 1, text: behind the frame's head, its tag and its length
}

func call(item uint64) {
	began := time.Now()
	name, err := count(item)
	lock.Lock()
	defer lock.Unlock()
	seen.Calls++
	seen.TimesMs = append(seen.TimesMs, time.Since(began).Seconds()*1000)
	if err == nil {
		seen.Answers[name]++
		return
	}
	seen.Failed++
	if seen.Failure == nil {
		said := err.Error()
		seen.Failure = &said
	}
}

func startAnew() {
	seen = counted{TimesMs: []float64{}, Answers: map[string]int{}}
}

func tell() {
	lock.Lock()
	defer lock.Unlock()
	json.NewEncoder(os.Stdout).Encode(seen)
	startAnew()
}

func main() {
	signal.Ignore(os.Interrupt) // Ctrl-C reaches every process of the terminal: the stage ends this one
	startAnew()
	ending := make(chan struct{})
	go func() {
		os.Stdin.Read(make([]byte, 1))
		close(ending)
	}()
	sending := time.NewTicker(10 * time.Millisecond)
	telling := time.NewTicker(time.Second)
	began := time.Now()
	var calls sync.WaitGroup
	for sent := 0; ; {
		select {
		case <-sending.C:
			due := time.Since(began).Seconds() * callsASecond
			for sent = max(sent, int(due)-mostAtOnce); float64(sent) < due; {
				sent++
				item := uint64(sent)
				calls.Add(1)
				go func() {
					defer calls.Done()
					call(item)
				}()
			}
		case <-telling.C:
			tell()
		case <-ending:
			calls.Wait()
			tell()
			return
		}
	}
}
