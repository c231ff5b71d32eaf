// Go-orders is the order service as a Go programmer would write it: net/http and go-sqlite3 on orderd's own table.
//
//	go-orders [-group] FILE
//
// FILE is a database that orderd made. It listens on a port of 127.0.0.1 that the system chooses, prints
// `listening 127.0.0.1:PORT`, and serves until killed. Every write is its own transaction; with -group the writes that
// wait are committed together.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	group := flag.Bool("group", false, "commit the writes that wait together")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: go-orders [-group] FILE")
	}
	store, err := openStore(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	var writes writer = store
	if *group {
		writes = newGroupWriter(store)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening %s\n", listener.Addr())
	server := &http.Server{
		Handler:           &service{store: store, writes: writes},
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       60 * time.Second,
	}
	log.Fatal(server.Serve(listener))
}
