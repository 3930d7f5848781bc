// Calls through a sidecar with Go's net/http. Arguments: a scenario. See ../client.ts for what it prints.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

var (
	outbound = "127.0.0.1:" + os.Getenv("OUTBOUND")
	inbound  = "127.0.0.1:" + os.Getenv("INBOUND")
	upload   = os.Getenv("UPLOAD")

	// Takes the proxy from HTTP_PROXY, as http.DefaultTransport does.
	byProxy = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	byHost  = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
)

func main() {
	scenarios := map[string]func(){"reach": reach, "post": post, "large": large, "spread": spread, "kill": kill, "errors": errors}
	scenarios[os.Args[1]]()
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func send(client *http.Client, request *http.Request) (int, string, http.Header) {
	response := must(client.Do(request))
	defer response.Body.Close()
	return response.StatusCode, string(must(io.ReadAll(response.Body))), response.Header
}

func show(name string, client *http.Client, request *http.Request) {
	status, body, _ := send(client, request)
	fmt.Println(name, status, body)
}

func toOrders(method, path string, body io.Reader) *http.Request {
	request := must(http.NewRequest(method, "http://"+outbound+path, body))
	request.Host = "orders"
	return request
}

func get(url string) *http.Request { return must(http.NewRequest("GET", url, nil)) }

func reach() {
	show("proxy", byProxy, get("http://orders/by-proxy?n=1"))
	show("host", byHost, toOrders("GET", "/by-host", nil))
	byConnect := &http.Client{Transport: &http.Transport{DialContext: tunnel}}
	show("connect", byConnect, get("http://orders/by-connect"))
	show("inbound", byHost, get("http://"+inbound+"/inbound"))
}

// A connection to an endpoint of the service that addr names.
func tunnel(ctx context.Context, _, addr string) (net.Conn, error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", outbound)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(connection, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", addr, addr)
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: "CONNECT"})
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("CONNECT: %s", response.Status)
	}
	return connection, err
}

func post() {
	body := must(os.ReadFile(upload))[:4096]
	show("length", byProxy, must(http.NewRequest("POST", "http://orders/digest", bytes.NewReader(body))))
	// A reader whose length is not known is sent in chunks.
	show("chunked", byHost, toOrders("POST", "/digest", io.MultiReader(bytes.NewReader(body))))
	show("again", byHost, toOrders("POST", "/digest", bytes.NewReader(body)))
}

func large() {
	file := must(os.Open(upload))
	size := must(file.Stat()).Size()
	request := toOrders("POST", "/digest", file)
	request.ContentLength = size
	show("up", byHost, request)
	response := must(byProxy.Do(get(fmt.Sprintf("http://orders/file?bytes=%d", size))))
	digest := sha256.New()
	count := must(io.Copy(digest, response.Body))
	fmt.Printf("down %d %d %x\n", response.StatusCode, count, digest.Sum(nil))
}

type tally struct{ calls, failed atomic.Int64 }

func (t *tally) call() {
	number := t.calls.Add(1)
	response, err := byHost.Do(toOrders("GET", fmt.Sprintf("/call/%d", number), nil))
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err == nil && response.StatusCode != 200 {
			err = fmt.Errorf("status %s", response.Status)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		t.failed.Add(1)
	}
}

func (t *tally) ended() { fmt.Println("ended", t.calls.Load(), t.failed.Load()) }

func inParallel(count int, work func()) {
	var group sync.WaitGroup
	for range count {
		group.Add(1)
		go func() {
			defer group.Done()
			work()
		}()
	}
	group.Wait()
}

func spread() {
	var t tally
	inParallel(100, func() {
		for range 3 {
			t.call()
		}
	})
	t.ended()
}

func kill() {
	var t tally
	var underWay sync.Once
	killed := make(chan struct{})
	inParallel(8, func() {
		for going := true; going; {
			t.call()
			if t.calls.Load() >= 50 {
				underWay.Do(func() {
					fmt.Println("under-way")
					go func() {
						bufio.NewReader(os.Stdin).ReadString('\n')
						close(killed)
					}()
				})
			}
			select {
			case <-killed:
				going = false
			default:
			}
		}
		for range 30 {
			t.call()
		}
	})
	t.ended()
}

func errors() {
	late := get("http://orders/stall")
	late.Header.Set("x-request-deadline-ms", "100")
	for _, each := range []struct {
		name    string
		request *http.Request
	}{{"unknown", get("http://nobody/")}, {"gone", get("http://gone/")}, {"late", late}} {
		status, body, header := send(byProxy, each.request)
		fmt.Println(each.name, status, header.Get("Content-Type"), body)
	}
}
