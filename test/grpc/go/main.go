// The published interop cases of grpc-go, as a program that stays on loopback:
//
//	interop server                         prints its address, and serves until its standard input ends
//	interop client CASE ADDRESS AUTHORITY  exit code 0: the case passes
//
// The cases and the service are those of google.golang.org/grpc/interop. Its own programs listen on every interface and
// cannot name another authority in cleartext.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
)

type testCase = func(context.Context, *grpc.ClientConn)

var cases = map[string]testCase{
	"empty_unary":                 ofTestService(interop.DoEmptyUnaryCall),
	"large_unary":                 ofTestService(interop.DoLargeUnaryCall),
	"client_streaming":            ofTestService(interop.DoClientStreaming),
	"server_streaming":            ofTestService(interop.DoServerStreaming),
	"ping_pong":                   ofTestService(interop.DoPingPong),
	"empty_stream":                ofTestService(interop.DoEmptyStream),
	"custom_metadata":             ofTestService(interop.DoCustomMetadata),
	"status_code_and_message":     ofTestService(interop.DoStatusCodeAndMessage),
	"special_status_message":      ofTestService(interop.DoSpecialStatusMessage),
	"cancel_after_begin":          ofTestService(interop.DoCancelAfterBegin),
	"cancel_after_first_response": ofTestService(interop.DoCancelAfterFirstResponse),
	"timeout_on_sleeping_server":  ofTestService(interop.DoTimeoutOnSleepingServer),
	"unimplemented_method":        interop.DoUnimplementedMethod,
	"unimplemented_service": func(ctx context.Context, connection *grpc.ClientConn) {
		interop.DoUnimplementedService(ctx, testgrpc.NewUnimplementedServiceClient(connection))
	},
}

func ofTestService(run func(context.Context, testgrpc.TestServiceClient, ...grpc.CallOption)) testCase {
	return func(ctx context.Context, connection *grpc.ClientConn) {
		run(ctx, testgrpc.NewTestServiceClient(connection))
	}
}

func main() {
	if os.Args[1] == "server" {
		serve()
	} else {
		call(os.Args[2], os.Args[3], os.Args[4])
	}
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := grpc.NewServer()
	testgrpc.RegisterTestServiceServer(server, interop.NewTestServer())
	fmt.Println(listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	check(server.Serve(listener))
}

func call(name, address, authority string) {
	run, known := cases[name]
	if !known {
		check(fmt.Errorf("no case is called %q", name))
	}
	plain := grpc.WithTransportCredentials(insecure.NewCredentials())
	connection, err := grpc.NewClient("passthrough:///"+address, plain, grpc.WithAuthority(authority))
	check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	run(ctx, connection) // ends the process with another code when it does not pass
	connection.Close()
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
