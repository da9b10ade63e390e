# Tries to connect to the instance metadata service as each user of the machine, as one that it does not know, of the group root, and as root of
# a user namespace that nobody has made. Prints the names of those who got through, by address.
import ctypes
import json
import os
import pwd
import socket

ADDRESSES = ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254"]
NEW_USER_NAMESPACE = 0x10000000
# So that /proc/self belongs to the user, as after an exec.
SET_DUMPABLE = 4


def reaches(address):
    try:
        socket.create_connection((address, 80), 5).close()
        return True
    except OSError:
        return False


def reached_as(user, group, in_namespace):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
        if in_namespace:
            libc = ctypes.CDLL(None)
            assert libc.prctl(SET_DUMPABLE, 1) == 0 and libc.unshare(NEW_USER_NAMESPACE) == 0
            with open("/proc/self/uid_map", "w") as mapping:
                mapping.write("0 %d 1" % user)
            assert os.getuid() == 0
        os.write(writer, json.dumps(list(filter(reaches, ADDRESSES))).encode())
        os._exit(0)
    os.close(writer)
    status = os.waitpid(child, 0)[1]
    assert status == 0, "user %d could not try: %d" % (user, status)
    with os.fdopen(reader) as answer:
        return json.load(answer)


# What Python loads for it; users may not read it everywhere.
reaches(ADDRESSES[0])
tries = [(entry.pw_name, entry.pw_uid, entry.pw_gid, False) for entry in pwd.getpwall()]
tries += [("unknown", 54321, 0, False), ("root of a namespace", 65534, 65534, True)]
reached = {name: reached_as(user, group, in_namespace) for name, user, group, in_namespace in tries}
print(json.dumps({address: [name for name in reached if address in reached[name]] for address in ADDRESSES}))
