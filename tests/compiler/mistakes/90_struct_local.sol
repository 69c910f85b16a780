pragma solidity ^0.8.24;

contract Shop {
    struct Person { string name; uint256 age; }
    Person[] people;
    function run() external {
        Person p = people[0];
        p.age = 3;
        people.push(Person{name: "x", age: 3});
        people.push(new Person("x", 3));
        people.push({name: "x", age: 3});
        people.append(p);
    }
}
